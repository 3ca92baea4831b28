import Foundation
import Hummingbird

/// The token endpoints.
struct TokenRoutes: Sendable {
    let accounts: Accounts
    let key: SigningKey
    let endpoint: FaultyEndpoint

    func add(to router: Router<SimulatorContext>) {
        router.post("google/token") { try await token($0, $1, GoogleProvider()) }
        router.post("microsoft/{tenant}/oauth2/v2.0/token") { try await token($0, $1, MicrosoftProvider()) }
        router.post("notion/v1/oauth/token") { try await token($0, $1, NotionProvider()) }
        router.post("canvas/login/oauth2/token") { try await token($0, $1, CanvasProvider()) }
    }

    private func token(
        _ request: Request, _ context: SimulatorContext, _ provider: some SimulatedProvider
    ) async throws -> Response {
        let received = try await EndpointRequest(request)
        let read = Result { () throws(Refusal) in try provider.read(received) }
        return try await endpoint.serve(call(read, provider.kind), context, refuse: provider.reply) {
            do {
                let asked = try read.get()
                let now = Date()
                let issuance = try grant(asked, provider, at: now)
                let body = try provider.answer(issuance, asked, key, at: now)
                return .init(
                    OAuthReply(body: body), gave: [issuance.access.id] + (issuance.refresh.map { [$0.id] } ?? []))
            } catch let refusal as Refusal {
                return .init(provider.reply(to: refusal))
            }
        }
    }

    /// What the log and the faults know of a request before it is done.
    private func call(_ read: Result<TokenRequest, Refusal>, _ provider: ProviderKind) -> OAuthCall {
        var call = OAuthCall(provider: provider, endpoint: .token)
        guard let asked = try? read.get() else { return call }
        call.grant = asked["grant_type"]
        call.clientID = asked.clientID
        accounts.with { ledger in
            let code = asked["code"].flatMap { ledger.codes[$0] }
            let token = asked["refresh_token"].flatMap { ledger.tokens[$0] }
            call.account = (code?.owner ?? token?.owner)?.account
            call.presented = token?.id
        }
        return call
    }

    private func grant(
        _ asked: TokenRequest, _ provider: some SimulatedProvider, at now: Date
    ) throws(Refusal) -> Issuance {
        guard let type = asked["grant_type"] else { throw .missing("grant_type") }
        let client = try authenticate(asked, provider.kind)
        switch type {
        case "authorization_code":
            guard let code = asked["code"] else { throw .missing("code") }
            let exchange = CodeExchange(
                code: code, redirectURI: asked["redirect_uri"], verifier: asked["code_verifier"])
            return try accounts.with { (ledger) throws(Refusal) in
                try ledger.exchange(exchange, client: client, rules: provider.rules, at: now)
            }
        case "refresh_token":
            guard let token = asked["refresh_token"] else { throw .missing("refresh_token") }
            return try accounts.with { (ledger) throws(Refusal) in
                try ledger.renew(token, scopes: asked.scopes, client: client, rules: provider.rules, at: now)
            }
        default: throw .unsupportedGrant(type)
        }
    }

    private func authenticate(_ asked: TokenRequest, _ provider: ProviderKind) throws(Refusal) -> RegisteredClient {
        try accounts.authenticate(id: asked.clientID, secret: asked.clientSecret, at: provider)
    }
}
