import Foundation
import Hummingbird
import NIOCore

/// Runs the requests of the calendar API: each is logged, broken as ordered, and let in or not.
struct CalendarEndpoint: Sendable {
    /// Who asks, once that is known.
    struct Caller: Sendable {
        let account: Account
        let clientID: String
        let request: CalendarRequest
        let parameters: CalendarParameters
    }

    let accounts: Accounts
    let quotas: CalendarQuotas
    let faults: CalendarFaults
    let log: CalendarCallLog

    private static let longestPause = Duration.seconds(600)

    func serve(
        _ method: CalendarMethod, _ raw: Request, _ context: SimulatorContext,
        act: (Caller) throws(CalendarRefusal) -> CalendarReply
    ) async throws -> Response {
        let request = try await CalendarRequest(raw, context, method)
        let resumption = faults.resumptionCount
        var call = call(for: request)
        let rule = faults.take(for: call)
        call.fault = rule.map { "\($0.fault)" }
        let id = log.add(call)
        if let response = try await replaced(by: rule, id, method, context) { return response }
        if rule?.fault == .pause { try await pause(id, resumption) }
        if case .slow(let milliseconds)? = rule?.fault { try await Task.sleep(for: .milliseconds(milliseconds)) }
        let reply = answer(request, act)
        if rule?.fault == .pauseAfter { try await pause(id, resumption) }
        if rule?.fault == .cutAfter { try await cut(id, method, context) }
        let isCut = rule?.fault == .malformed
        log.finish(id, method, outcome: isCut ? "malformed" : reply.outcome, status: reply.status, items: reply.items)
        return reply.response(isCut: isCut)
    }

    private func call(for request: CalendarRequest) -> CalendarCall {
        var call = CalendarCall(method: request.method)
        if let value = Accounts.bearerValue(request.headers[.authorization]) {
            let found = accounts.with { ledger in
                ledger.tokens[value].map { ($0.owner, ledger.accounts[$0.owner.account]?.email) }
            }
            call.account = found?.0.account
            call.clientID = found?.0.clientID
            call.calendar = request.calendarID == "primary" ? found?.1 : request.calendarID
        }
        call.event = request.eventID
        call.parameters = request.query.pairs.map(\.name)
        call.hasSyncToken = request.query["syncToken"] != nil
        call.hasPageToken = request.query["pageToken"] != nil
        return call
    }

    /// Credential, scope, quota and parameters, in this order; then the deed.
    private func answer(
        _ request: CalendarRequest, _ act: (Caller) throws(CalendarRefusal) -> CalendarReply
    ) -> CalendarReply {
        do throws(CalendarRefusal) {
            let (account, token) = try bearer(request)
            try quotas.admit(project: token.owner.clientID, user: account.name)
            let parameters = try CalendarParameters(request.query, request.method)
            var reply = try act(
                Caller(account: account, clientID: token.owner.clientID, request: request, parameters: parameters))
            if let selection = parameters.selection { reply.body = reply.body.map(selection.part) }
            return reply
        } catch {
            return CalendarReply(error)
        }
    }

    private func bearer(_ request: CalendarRequest) throws(CalendarRefusal) -> (Account, IssuedToken) {
        do throws(Accounts.BearerRefusal) {
            let found = try accounts.bearer(
                request.headers[.authorization], at: .google, anyOf: request.method.scopes)
            return (found.account, found.token)
        } catch {
            switch error {
            case .missing: throw .missingCredential
            case .unknown, .ended: throw .invalidCredentials
            case .insufficientScope: throw .insufficientScope(request.method)
            }
        }
    }

    /// The answer of a fault that takes the request's place; nil: the request is to be done.
    private func replaced(
        by rule: CalendarFaults.Rule?, _ id: Int, _ method: CalendarMethod, _ context: SimulatorContext
    ) async throws -> Response? {
        guard let rule else { return nil }
        if rule.fault == .cutBefore { try await cut(id, method, context) }
        var response: Response
        if case .html(let status) = rule.fault {
            let page = "<html><head><title>\(status)</title></head><body><h1>\(status)</h1></body></html>\n"
            response = Response(
                status: .init(code: status), headers: [.contentType: "text/html"],
                body: .init(byteBuffer: .init(string: page)))
            log.finish(id, method, outcome: "html", status: status)
        } else if let refusal = rule.fault.refusal {
            response = CalendarReply(refusal).response()
            log.finish(id, method, outcome: refusal.reason, status: refusal.status)
        } else {
            return nil
        }
        if let retryAfter = rule.retryAfter { response.headers[.retryAfter] = retryAfter }
        return response
    }

    private func cut(_ id: Int, _ method: CalendarMethod, _ context: SimulatorContext) async throws {
        log.finish(id, method, outcome: "cut", status: nil)
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
}
