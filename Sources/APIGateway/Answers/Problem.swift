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
    var fields: [InvalidCommand.Problem] = []
    var headers: HTTPFields = [:]

    static let unauthenticated = Problem(
        status: .unauthorized, code: "unauthenticated",
        detail: "Send a valid API key as `Authorization: Bearer <key>`.",
        headers: [.wwwAuthenticate: "Bearer realm=\"errand\""])

    static let notForTenants = Problem(
        status: .forbidden, code: "service_key_needed",
        detail: "This address takes a service key (SERVICE_KEYS of the gateway), not a tenant's API key.")

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
        var writer = JSONWriter()
        writer.object { object in
            object.field("type", "urn:errand:problem:\(code)")
            object.field("title", status.reasonPhrase)
            object.field("status", status.code)
            object.field("code", code)
            object.field("detail", detail)
            object.field("request_id", requestID)
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
        var response = Response.json(writer, status: status, headers: headers)
        response.headers[.contentType] = "application/problem+json"
        return response
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
