import Domain
import HTTPTypes
import Hummingbird

/// An error as a client gets it: `application/problem+json`, RFC 9457.
struct Problem: Error, Sendable {
    var status: HTTPResponse.Status
    /// Stable, snake_case, for programs; also the end of `type`.
    var code: String
    /// Says what to do.
    var detail: String
    /// In a few words. `nil`: those of the status.
    var title: String?
    /// Why, where a client shows it beside the field it is about.
    var reason: String?
    var fields: [InvalidCommand.Problem] = []
    var headers: HTTPFields = [:]
    /// A registered problem type's URI. `nil`: one of ours, by `code`.
    var type: String?
    /// The limits that were reached.
    var violatedPolicies: [String] = []

    static let unauthenticated = Problem(
        status: .unauthorized, code: "unauthenticated",
        detail:
            "Send `Authorization: Bearer X` with a valid API key or access token. A session that has ended needs a new "
            + "sign-in.",
        headers: [.wwwAuthenticate: "Bearer realm=\"errand\""])

    static let notForKeys = Problem(
        status: .forbidden, code: "user_needed", detail: "This address is for people who have signed in, not for keys.")

    /// - Parameter missing: at least one.
    static func notPermitted(_ missing: Permissions) -> Problem {
        let names = missing.scopeNames.joined(separator: ", ")
        return Problem(
            status: .forbidden, code: "not_permitted",
            detail: "This needs the permission \(names), which your role or your key does not have.")
    }

    static func notFound(_ what: String) -> Problem {
        Problem(status: .notFound, code: "not_found", detail: "There is no such \(what).")
    }

    static func invalid(_ field: String, _ message: String) -> Problem {
        invalid([InvalidCommand.Problem(field: field, message: message)])
    }

    static func invalid(_ fields: [InvalidCommand.Problem]) -> Problem {
        let detail = fields.map { "\($0.field) \($0.message)" }.joined(separator: "; ")
        return Problem(status: .unprocessableContent, code: "invalid_request", detail: detail, fields: fields)
    }

    static func malformed(_ detail: String) -> Problem {
        Problem(status: .badRequest, code: "malformed_request", detail: detail)
    }

    /// The request is fine; this is not the moment.
    static func unavailable(_ code: String, _ detail: String) -> Problem {
        Problem(status: .serviceUnavailable, code: code, detail: detail, headers: [.retryAfter: "2"])
    }

    func response(requestID: String) -> Response {
        let content = content(requestID: requestID)
        return Response(
            status: status, headers: content.headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: content.body)))
    }

    /// What is sent, for where there is no response to be made.
    func content(requestID: String) -> (headers: HTTPFields, body: [UInt8]) {
        var writer = JSONWriter()
        writer.object { object in
            object.field("type", type ?? "urn:errand:problem:\(code)")
            object.field("title", title ?? status.reasonPhrase)
            object.field("status", status.code)
            object.field("code", code)
            object.field("detail", detail)
            if let reason { object.field("reason", reason) }
            object.field("request_id", requestID)
            if !violatedPolicies.isEmpty {
                object.key("violated-policies")
                object.array { array in for policy in violatedPolicies { array.string(policy) } }
            }
            if !fields.isEmpty {
                object.key("errors")
                object.array { array in
                    for field in fields {
                        array.object { entry in
                            entry.field("field", field.field)
                            entry.field("message", field.message)
                        }
                    }
                }
            }
        }
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        headers[.xRequestID] = requestID
        return (headers, writer.bytes)
    }
}

extension Response {
    static func json(
        _ writer: JSONWriter, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}

extension Response {
    /// `202` to a request whose outcome is a mail, or none: nothing tells which.
    static var accepted: Response { .json(.null, status: .accepted) }
}

extension JSONWriter {
    static var null: JSONWriter {
        var writer = JSONWriter(capacity: 4)
        writer.null()
        return writer
    }
}
