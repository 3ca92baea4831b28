import Foundation
import Hummingbird

/// Where clients give tokens back. Microsoft has no such place.
struct RevocationRoutes: Sendable {
    let accounts: Accounts
    let endpoint: FaultyEndpoint

    func add(to router: Router<SimulatorContext>) {
        router.post("google/revoke", use: google)
        router.post("notion/v1/oauth/revoke", use: notion)
        router.delete("canvas/login/oauth2/token", use: canvas)
    }

    /// By an access or a refresh token, without client authentication; every token of the client for the account ends,
    /// and so does the consent: https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
    @Sendable private func google(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let received = try await EndpointRequest(request)
        let value = received.query["token"] ?? (try? received.form())?["token"]
        let provider = GoogleProvider()
        let call = call(.google, value)
        return try await endpoint.serve(call, context, refuse: provider.reply) {
            guard let value else { return .init(provider.reply(to: .missing("token"))) }
            let isRevoked = accounts.with { ledger in
                guard let token = ledger.tokens[value], token.owner.provider == .google, token.isLive(at: Date())
                else { return false }
                _ = ledger.revoke(token.owner, at: Date())
                return true
            }
            return .init(isRevoked ? OAuthReply(body: .object([])) : provider.reply(to: .unknownToken))
        }
    }

    /// https://developers.notion.com/reference/revoke-token; a token that is not there counts as revoked (RFC 7009,
    /// section 2.2).
    @Sendable private func notion(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let received = try await EndpointRequest(request)
        let provider = NotionProvider()
        let read = Result { () throws(Refusal) in try provider.read(received) }
        let call = call(.notion, (try? read.get())?["token"])
        return try await endpoint.serve(call, context, refuse: provider.reply) {
            do {
                let asked = try read.get()
                let client = try accounts.authenticate(id: asked.clientID, secret: asked.clientSecret, at: .notion)
                guard let value = asked["token"] else { throw Refusal.missing("token") }
                accounts.with { ledger in
                    guard let token = ledger.tokens[value], token.owner.clientID == client.id,
                        token.owner.provider == .notion
                    else { return }
                    ledger.revokeGrant(of: token, at: Date())
                }
                return .init(OAuthReply(body: .members(["request_id": NotionProvider.requestID()])))
            } catch let refusal as Refusal {
                return .init(provider.reply(to: refusal))
            }
        }
    }

    /// By the access token itself: https://developerdocs.instructure.com/services/canvas/oauth/oauth_endpoints
    @Sendable private func canvas(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let received = try await EndpointRequest(request)
        let provider = CanvasProvider()
        let value = Accounts.bearerValue(received.headers[.authorization]) ?? received.query["access_token"]
        return try await endpoint.serve(call(.canvas, value), context, refuse: provider.reply) {
            guard let value else {
                let text = "can't delete OAuth access token when not using an OAuth access token"
                return .init(OAuthReply(status: 400, body: .members(["message": .string(text)]), error: "no_token"))
            }
            guard let (_, token) = try? accounts.bearer("Bearer \(value)", at: .canvas) else {
                return .init(CanvasProvider.invalidAccessToken)
            }
            accounts.with { $0.revokeGrant(of: token, at: Date()) }
            return .init(OAuthReply(body: .object([])))
        }
    }

    private func call(_ provider: ProviderKind, _ value: String?) -> OAuthCall {
        var call = OAuthCall(provider: provider, endpoint: .revoke)
        let token = accounts.with { ledger in value.flatMap { ledger.tokens[$0] } }
        call.clientID = token?.owner.clientID
        call.account = token?.owner.account
        call.presented = token?.id
        return call
    }
}
