import Hummingbird

/// An answer of the calendar API.
struct CalendarReply: Sendable {
    var status = 200
    /// nil: none.
    var body: JSONValue?
    var etag: String?
    /// An error's reason, for the log.
    var outcome = "ok"
    /// How many items a list has, for the log.
    var items: Int?

    init(_ body: JSONValue, etag: String? = nil, items: Int? = nil) {
        self.body = body
        self.etag = etag
        self.items = items
    }

    init(_ refusal: CalendarRefusal) {
        status = refusal.status
        body = refusal.body
        outcome = refusal.reason
    }

    private init(status: Int, etag: String?) {
        self.status = status
        self.etag = etag
    }

    static let noContent = CalendarReply(status: 204, etag: nil)
    static func notModified(_ etag: String) -> CalendarReply { CalendarReply(status: 304, etag: etag) }

    /// - Parameter isCut: whether only the first half of the body is sent.
    func response(isCut: Bool = false) -> Response {
        var fields: HTTPFields = [.cacheControl: "no-cache, no-store, max-age=0, must-revalidate"]
        if let etag { fields[.eTag] = etag }
        guard let body else { return Response(status: .init(code: status), headers: fields) }
        fields[.contentType] = "application/json; charset=UTF-8"
        let text = body.rendered
        let sent = isCut ? String(decoding: text.utf8.prefix(text.utf8.count / 2), as: UTF8.self) : text
        return Response(status: .init(code: status), headers: fields, body: .init(byteBuffer: .init(string: sent)))
    }
}
