import Foundation
import HTTPTypes
import Hummingbird

/// A request at a token or revocation endpoint, read whole.
struct EndpointRequest: Sendable {
    static let maxBodyBytes = 64 << 10

    let headers: HTTPFields
    let query: FormBody
    let body: Data

    init(_ request: Request) async throws {
        headers = request.headers
        query = FormBody(request.uri.query ?? "")
        body = Data(try await request.body.collect(upTo: Self.maxBodyBytes).readableBytesView)
    }

    /// Without its parameters, in lower case.
    var contentType: String {
        let value = headers[.contentType] ?? ""
        return value.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    }

    /// User and password of HTTP Basic (RFC 7617), as written.
    var basicCredentials: (user: String, password: String)? {
        guard let parts = headers[.authorization]?.split(separator: " "), parts.count == 2,
            parts[0].lowercased() == "basic", let bytes = Data(base64Encoded: String(parts[1]))
        else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let colon = text.firstIndex(of: ":") else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    /// The body as the form of a page, whose tick boxes share a name.
    var pageForm: FormBody { FormBody(String(decoding: body, as: UTF8.self)) }

    /// The body as a form.
    func form() throws(Refusal) -> FormBody {
        guard contentType == "application/x-www-form-urlencoded" else {
            throw .unreadableBody("Content-Type must be application/x-www-form-urlencoded")
        }
        let form = FormBody(String(decoding: body, as: UTF8.self))
        if let name = form.repeated { throw .unreadableBody("Parameter not allowed to be repeated: \(name)") }
        return form
    }
}
