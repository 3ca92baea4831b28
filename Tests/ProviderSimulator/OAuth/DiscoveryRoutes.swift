import HTTPTypes
import Hummingbird

/// The public keys of id_tokens, and Microsoft's description of itself.
struct DiscoveryRoutes: Sendable {
    let key: SigningKey
    let endpoint: FaultyEndpoint

    func add(to router: Router<SimulatorContext>) {
        router.get("google/certs") { _, context in try await keys(.google, context, GoogleProvider()) }
        let tenant = router.group("microsoft/{tenant}")
        tenant.get("discovery/v2.0/keys") { _, context in try await keys(.microsoft, context, MicrosoftProvider()) }
        tenant.get("discovery/instance") { _, _ in OAuthReply(body: MicrosoftProvider.hosts).response() }
        tenant.get("v2.0/.well-known/openid-configuration", use: microsoft)
    }

    private func keys(
        _ kind: ProviderKind, _ context: SimulatorContext, _ provider: some SimulatedProvider
    ) async throws -> Response {
        let call = OAuthCall(provider: kind, endpoint: .certs)
        return try await endpoint.serve(call, context, refuse: provider.reply) {
            .init(OAuthReply(body: try key.keySet()))
        }
    }

    @Sendable private func microsoft(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let tenant = context.parameters.get("tenant") ?? ""
        guard MicrosoftProvider.isKnown(tenant: tenant) else {
            return OAuthReply.refused(400, "invalid_tenant", "AADSTS90002: Tenant '\(tenant)' not found.").response()
        }
        // A proxy that ends TLS says so; clients such as msal take https only.
        let scheme = HTTPField.Name("x-forwarded-proto").flatMap { request.headers[$0] } ?? "http"
        let origin = "\(scheme)://\(request.head.authority ?? "127.0.0.1")"
        return OAuthReply(body: MicrosoftProvider.discovery(tenant: tenant, origin: origin)).response()
    }
}
