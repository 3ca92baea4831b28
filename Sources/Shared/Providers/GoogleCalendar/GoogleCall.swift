import Domain
import HTTPTransport

/// One request to the Calendar API.
struct GoogleCall: Sendable, Undisclosed {
    enum Purpose: Sendable {
        /// A page of a list. Whether it goes on from a sync or page token.
        case list(carriesToken: Bool)
        case read
        /// Changes an event.
        case write
        /// Opens a watch channel.
        case watch
        /// Closes one, which may be done again.
        case stop
    }

    let purpose: Purpose
    let method: String
    let path: String
    var query: [(String, String?)] = []
    var headers: [(String, String)] = []
    var body: [UInt8]?
    let token: String

    init(_ purpose: Purpose, _ method: String, _ path: String, token: String) {
        self.purpose = purpose
        self.method = method
        self.path = path
        self.token = token
    }

    /// Google packs its answers only for a client that says so in its name too:
    /// https://developers.google.com/workspace/calendar/api/guides/performance#gzip
    private static let userAgent = "errand (gzip)"

    func request(base: String) -> HTTPRequest {
        var headers = [
            ("Accept", "application/json"), ("User-Agent", Self.userAgent), ("Authorization", "Bearer \(token)"),
        ]
        if body != nil { headers.append(("Content-Type", "application/json")) }
        var request = HTTPRequest(
            method: method, url: base + path + (query.isEmpty ? "" : "?" + FormText.encode(query)),
            headers: headers + self.headers, body: body, deadlines: deadlines, decompresses: true)
        request.isRepeatable = unknownOutcome == nil
        // A kept-alive connection that the server is just closing would leave the write's fate unknown.
        request.usesFreshConnection = unknownOutcome != nil
        return request
    }

    private var deadlines: HTTPDeadlines {
        // A page of 2,500 events takes its time, there and on the way.
        if case .list = purpose {
            return HTTPDeadlines(
                connect: .seconds(5), firstByte: .seconds(60), silence: .seconds(30), total: .seconds(180))
        }
        return HTTPDeadlines(connect: .seconds(5), firstByte: .seconds(25), silence: .seconds(25), total: .seconds(25))
    }

    /// Of an answer that is no error. Of 2,500 events, packed out: far more than Google was seen to put on a page.
    var maxAnswerBytes: Int {
        if case .list = purpose { return 64 * 1024 * 1024 }
        return 4 * 1024 * 1024
    }

    var isList: Bool {
        if case .list = purpose { true } else { false }
    }

    var carriesToken: Bool {
        if case .list(carriesToken: true) = purpose { true } else { false }
    }

    /// What it means that Google may have acted and nobody heard it; `nil` when a repeat is harmless.
    var unknownOutcome: Failure? {
        switch purpose {
        case .write:
            Failure(
                .unknownOutcome, code: "write_unknown",
                message: "Google's answer was lost: the event may have been changed or not.")
        case .watch:
            Failure(
                .unknownOutcome, code: "watch_unknown",
                message: "Google's answer was lost: the watch channel may be open or not.")
        case .list, .read, .stop: nil
        }
    }

    func failure(_ error: HTTPTransportError, hasAnswer: Bool) -> Failure {
        if !error.sentNothing, let unknownOutcome { return unknownOutcome }
        if case .bodyTooLarge = error { return .pageTooLarge }
        return Failure(error, hasAnswer: hasAnswer)
    }
}

extension Failure {
    fileprivate static let pageTooLarge = Failure(
        .permanent, code: "google_page_too_large",
        message: "One page of Google's answer is larger than can be taken in.")
}
