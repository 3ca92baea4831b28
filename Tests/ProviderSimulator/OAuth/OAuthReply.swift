import Hummingbird

/// An answer of a token, revocation or control endpoint.
struct OAuthReply: Sendable {
    var status = 200
    var headers: HTTPFields = [:]
    var body: JSONValue
    /// The OAuth `error`, for the log; nil: it went well.
    var error: String?

    static func refused(
        _ status: Int, _ error: String, _ description: String? = nil, more: [JSONValue.Member] = [],
        headers: HTTPFields = [:]
    ) -> OAuthReply {
        var members = [JSONValue.Member(name: "error", value: .string(error))]
        if let description { members.append(.init(name: "error_description", value: .string(description))) }
        return OAuthReply(status: status, headers: headers, body: .object(members + more), error: error)
    }

    /// - Parameter bytes: as many of the body's first bytes as are sent; nil: all.
    func response(cutTo bytes: Int? = nil) -> Response {
        // RFC 6749, section 5.1: neither may be missing.
        var fields: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
        for field in headers { fields.append(field) }
        let text = body.rendered
        let sent = bytes.map { String(decoding: text.utf8.prefix($0), as: UTF8.self) } ?? text
        return Response(status: .init(code: status), headers: fields, body: .init(byteBuffer: .init(string: sent)))
    }
}
