import Domain
import HTTPTypes
import NIOHTTP1

/// An answer to what never became a request; the connection ends with it.
struct LastAnswer {
    private let problem: Problem

    static let tooManyConnections = LastAnswer(
        .serviceUnavailable, "too_many_connections",
        "This address has too many connections open: use fewer, or close some.", [.retryAfter: "10"])
    static let tooSlow = LastAnswer(
        .requestTimeout, "too_slow", "The request did not come whole in time: send it again, and faster.")

    private init(_ status: HTTPResponse.Status, _ code: String, _ detail: String, _ headers: HTTPFields = [:]) {
        problem = Problem(status: status, code: code, detail: detail, headers: headers)
    }

    /// `nil`: an error that no answer helps.
    init?(_ error: any Error) {
        if error is HostCheck.WrongHost {
            self.init(
                .badRequest, "wrong_host",
                "A request of HTTP/1.1 has one Host field, with a host and nothing else (RFC 9112 section 3.2).")
        } else if case .headerOverflow? = error as? HTTPParserError {
            self.init(
                .requestHeaderFieldsTooLarge, "header_too_large",
                "A header field may have 16384 bytes, all of them 32768, and there may be 100.")
        } else if error is HTTPParserError {
            self.init(.badRequest, "malformed_request", "This is not HTTP/1.1 as RFC 9112 describes it.")
        } else {
            return nil
        }
    }

    /// As it goes over the wire.
    /// - Parameter complete: adds what all answers say.
    func text(_ complete: (inout HTTPFields) -> Void) -> String {
        var (headers, body) = problem.content(requestID: JobID.make().description)
        complete(&headers)
        headers[.connection] = "close"
        headers[.contentLength] = String(body.count)
        let fields = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return "HTTP/1.1 \(problem.status)\r\n\(fields)\r\n" + String(decoding: body, as: UTF8.self)
    }
}
