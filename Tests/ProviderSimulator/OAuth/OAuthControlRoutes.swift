import Foundation
import Hummingbird

/// The tests' side of the OAuth simulation, below `/_simulator/oauth`.
///
///     POST   clients   {"provider","client_id","client_secret","redirect_uris":[…],"title"?,"requires_pkce"?,
///                       "refresh_expires_in"?}
///     POST   accounts  {"name","title"?,"email"?}, or {"prefix","count"}: PREFIX1 … PREFIXcount
///     GET    accounts
///     POST   grants    {"provider","client_id","account" or "accounts":[…],"scopes"?}: tokens without a browser
///     POST   revoke    {"account","provider"?,"client_id"?}: the person takes everything back
///     POST   expire    {"kind":"access"|"refresh","provider"?,"account"?}, or {"kind":"code"}: all codes
///     GET    tokens    ?provider= ?account= ?kind= ?live=true
///     GET    calls     ?provider= ?endpoint= ?grant= ?account= ?outcome= ?paused=true ?finished=true
///                      ?count= &wait=: waits up to so many seconds until so many fit
///     DELETE calls
///     POST   faults    {"kind","provider"?,"endpoint"?,"grant"?,"account"?,"times"?,"retry_after"?}: see `OAuthFault`
///     DELETE faults
///     POST   resume    lets go what `pause` and `pause_after` hold
///     DELETE (nothing) all of it, back to the start
struct OAuthControlRoutes: Sendable {
    let accounts: Accounts
    let faults: OAuthFaults
    let log: OAuthCallLog

    func add(to router: Router<SimulatorContext>) {
        let group = router.group("_simulator/oauth")
        group.post("clients") { request, _ in try await change(request, register) }
        group.post("accounts") { request, _ in try await change(request, addAccounts) }
        group.get("accounts", use: listAccounts)
        group.post("grants") { request, _ in try await change(request, grant) }
        group.post("revoke") { request, _ in try await change(request, revoke) }
        group.post("expire") { request, _ in try await change(request, expire) }
        group.get("tokens", use: listTokens)
        group.get("calls", use: listCalls)
        group.delete("calls") { _, _ in
            log.removeAll()
            return HTTPResponse.Status.noContent
        }
        group.post("faults") { request, _ in try await change(request, addFault) }
        group.delete("faults") { _, _ in
            faults.removeAll()
            return HTTPResponse.Status.noContent
        }
        group.post("resume") { _, _ in
            faults.resume()
            return HTTPResponse.Status.noContent
        }
        group.delete("") { _, _ in
            faults.removeAll()
            log.removeAll()
            accounts.reset()
            return HTTPResponse.Status.noContent
        }
    }

    /// - Parameter body: reads the request's object and says what was done.
    private func change(
        _ request: Request, _ body: (JSONValue) throws(APIError) -> JSONValue
    ) async throws -> Response {
        let bytes = Data(try await request.body.collect(upTo: 16 << 20).readableBytesView)
        do throws(APIError) {
            guard let value = try? JSONDecoder().decode(JSONValue.self, from: bytes) else { throw .unparsableBody }
            return ChatRoutes.json(try body(value).rendered)
        } catch {
            return error.response()
        }
    }

    // MARK: Reading

    @Sendable private func listAccounts(_ request: Request, _ context: SimulatorContext) -> Response {
        let list = accounts.with { ledger in ledger.accountNames.compactMap { ledger.accounts[$0]?.json } }
        return ChatRoutes.json(JSONValue.members(["accounts": .array(list)]).rendered)
    }

    @Sendable private func listTokens(_ request: Request, _ context: SimulatorContext) -> Response {
        let query = FormBody(request.uri.query ?? "")
        let now = Date()
        let tokens = accounts.with { ledger in
            ledger.owners { owner in
                (query["provider"] ?? owner.provider.rawValue) == owner.provider.rawValue
                    && (query["account"] ?? owner.account) == owner.account
            }.flatMap { ledger.tokens(of: $0) }
        }
        let chosen = tokens.sorted { $0.id < $1.id }.filter { token in
            (query["kind"] ?? token.kind.rawValue) == token.kind.rawValue
                && (query["live"] != "true" || token.isLive(at: now))
        }
        let list = JSONValue.array(chosen.map { $0.json(at: now) })
        return ChatRoutes.json(JSONValue.members(["tokens": list]).rendered)
    }

    @Sendable private func listCalls(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let query = FormBody(request.uri.query ?? "")
        let count = query["count"].flatMap { Int($0) } ?? 1
        let deadline = ContinuousClock.now + .seconds(min(query["wait"].flatMap { Double($0) } ?? 0, 60))
        while true {
            let calls = log.calls { Self.fits($0, query) }
            if calls.count >= count || ContinuousClock.now >= deadline {
                let list = JSONValue.array(calls.map(\.json))
                return ChatRoutes.json(JSONValue.members(["calls": list]).rendered)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func fits(_ call: OAuthCall, _ query: FormBody) -> Bool {
        func same(_ name: String, _ value: String?) -> Bool { query[name].map { $0 == value } ?? true }
        return same("provider", call.provider.rawValue) && same("endpoint", call.endpoint.rawValue)
            && same("grant", call.grant) && same("account", call.account) && same("outcome", call.outcome)
            && (query["paused"] != "true" || call.isPaused) && (query["finished"] != "true" || call.finishedAt != nil)
    }
}
