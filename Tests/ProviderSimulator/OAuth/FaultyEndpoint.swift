import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Runs the requests of the OAuth endpoints: each is logged, and broken as ordered.
struct FaultyEndpoint: Sendable {
    /// What a request did.
    struct Done: Sendable {
        var response: Response
        /// `ok` or an OAuth `error`.
        var outcome = "ok"
        /// The `id`s of the tokens that it made.
        var gave: [Int] = []
        /// The JSON text, from which `malformed` cuts.
        var body: OAuthReply?

        init(_ reply: OAuthReply, gave: [Int] = []) {
            response = reply.response()
            outcome = reply.error ?? "ok"
            self.gave = gave
            body = reply
        }

        init(_ response: Response, outcome: String = "ok") {
            self.response = response
            self.outcome = outcome
        }
    }

    let faults: OAuthFaults
    let log: OAuthCallLog

    private static let longestPause = Duration.seconds(600)

    /// - Parameters:
    ///   - refuse: the provider's form of an error that is ordered.
    ///   - act: does what the request asks.
    func serve(
        _ call: OAuthCall, _ context: SimulatorContext, refuse: (Refusal) -> OAuthReply, act: () throws -> Done
    ) async throws -> Response {
        let resumption = faults.resumptionCount
        let rule = faults.take(for: call)
        var call = call
        call.fault = rule.map { "\($0.fault)" }
        let id = log.add(call)
        if let response = try await replaced(by: rule, id, context, refuse) { return response }
        if rule?.fault == .pause { try await pause(id, resumption) }
        if case .slow(let milliseconds)? = rule?.fault { try await Task.sleep(for: .milliseconds(milliseconds)) }
        let done = try act()
        log.update(id) { $0.gave = done.gave }
        if rule?.fault == .pauseAfter { try await pause(id, resumption) }
        if rule?.fault == .cutAfter { try await cut(id, context) }
        finish(id, done.outcome, Int(done.response.status.code))
        guard rule?.fault == .malformed, let body = done.body else { return done.response }
        return body.response(cutTo: body.body.rendered.utf8.count / 2)
    }

    /// The answer of a fault that takes the request's place; nil: the request is to be done.
    private func replaced(
        by rule: OAuthFaults.Rule?, _ id: Int, _ context: SimulatorContext, _ refuse: (Refusal) -> OAuthReply
    ) async throws -> Response? {
        guard let rule else { return nil }
        if rule.fault == .cutBefore { try await cut(id, context) }
        var response: Response
        if case .html(let status) = rule.fault {
            let page = "<html><head><title>\(status)</title></head><body><h1>\(status)</h1></body></html>\n"
            response = Response(
                status: .init(code: status), headers: [.contentType: "text/html"],
                body: .init(byteBuffer: .init(string: page)))
            finish(id, "html", status)
        } else if let refusal = rule.fault.refusal {
            let reply = refuse(refusal)
            response = reply.response()
            finish(id, reply.error ?? "ok", reply.status)
        } else {
            return nil
        }
        if let retryAfter = rule.retryAfter { response.headers[.retryAfter] = retryAfter }
        return response
    }

    private func cut(_ id: Int, _ context: SimulatorContext) async throws {
        finish(id, "cut", nil)
        try await context.channel.cut(withReset: false)
    }

    private func pause(_ id: Int, _ resumption: Int) async throws {
        log.update(id) { $0.isPaused = true }
        let deadline = ContinuousClock.now + Self.longestPause
        while faults.resumptionCount == resumption && ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        log.update(id) { $0.isPaused = false }
    }

    private func finish(_ id: Int, _ outcome: String, _ status: Int?) {
        log.update(id) { call in
            call.outcome = outcome
            call.status = status
            call.finishedAt = Date()
        }
    }
}
