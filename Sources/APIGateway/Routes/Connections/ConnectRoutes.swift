import Domain
import FoundationEssentials
import Hummingbird
import Providers
import Store
import Vault

/// `/api/v1/integrations/{provider}/connect`: a visit to a provider's consent page begins.
struct ConnectRoutes: Sendable {
    /// `nil`: no accounts can be connected here.
    let parts: ConnectionParts?
    /// Of pages that browsers may go back to.
    let origins: AllowedOrigins

    func mount(on router: RouterGroup<GatewayContext>) {
        router.post("integrations/:id/connect", use: connect)
    }

    @Sendable func connect(_ request: Request, context: GatewayContext) async throws -> Response {
        let parts = try parts.orOff()
        let name = try IntegrationRoutes.provider(context)
        guard let provider = parts.catalog[name] else { throw Problem.notFound("provider in the settings") }
        let posted = try await PostedConnect.read(request)
        let address = try posted.returnTo.map { text throws(InvalidCommand) in
            try ReturnAddress(text, origins: origins)
        }
        let known = try await reconnected(posted, name, parts, context)
        let (state, verifier) = (RandomSecret.make(), RandomSecret.make())
        let asked = Self.asked(posted, known, provider.about, state, verifier, parts)
        let url = try provider.authorizationURL(asked)
        let browser = ConnectCookie.read(request.headers) ?? .make()
        let tenant = try context.requireTenant()
        let visit = Authorizations.New(
            tenant: tenant, user: context.principal?.user, provider: name, host: asked.host, digest: state.digest,
            browser: browser.digest, verifier: verifier.text, redirectURI: asked.redirectURI,
            returnTo: (address ?? .standard).text, features: asked.features)
        let end = Date().addingTimeInterval(Double(Authorizations.lifeSeconds))
        guard try await parts.authorizations.begin(visit, context.requireCaller()) else {
            throw Problem.tooManyAuthorizations
        }
        var writer = JSONWriter(capacity: 1024)
        writer.object { object in
            object.field("authorization_url", url)
            object.field("expires_at", end)
        }
        var response = Response.json(writer)
        ConnectCookie.set(browser, on: &response)
        return response
    }

    /// The connection that is to be made good again or widened. `nil`: a new one.
    private func reconnected(
        _ posted: PostedConnect, _ provider: ProviderName, _ parts: ConnectionParts, _ context: GatewayContext
    ) async throws -> Connection? {
        let tenant = try context.requireTenant()
        guard let id = posted.connection else {
            let count = try await parts.connections.list(of: tenant).count
            guard count < Connections.maxPerTenant else { throw Problem.tooManyConnections }
            return nil
        }
        let connection = try await parts.connections.find(id, tenant: tenant)
        guard connection.provider == provider else {
            throw Problem.invalid("connection_id", "must be a connection of this provider")
        }
        guard posted.host == nil || posted.host == connection.host else {
            throw Problem.invalid("host", "must be that of the connection, or be left out")
        }
        return connection
    }

    /// What was granted before is asked for again, so that it is not lost.
    private static func asked(
        _ posted: PostedConnect, _ known: Connection?, _ about: ProviderDescription, _ state: RandomSecret,
        _ verifier: RandomSecret, _ parts: ConnectionParts
    ) -> AuthorizationRequest {
        let granted = known.map { about.features(grantedBy: $0.scopes) } ?? []
        let name = known?.accountName ?? ""
        return AuthorizationRequest(
            state: state.text, codeChallenge: verifier.challenge, redirectURI: parts.redirectURI,
            features: granted + posted.features.filter { !granted.contains($0) }, host: posted.host ?? known?.host,
            loginHint: EmailAddress(name)?.text, grantedScopes: known?.scopes ?? [])
    }
}
