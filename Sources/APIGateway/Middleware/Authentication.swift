import Domain
import Hummingbird
import Logging
import Vault

/// Finds the tenant of a request by its API key. Nothing below it is open without one. A service key acts for
/// `TenantID.operators`.
struct Authentication: RouterMiddleware {
    typealias Context = GatewayContext

    let keys: KeyRing<TenantID>

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let key = Self.bearer(request), let tenant = keys.owner(of: key) else { throw Problem.unauthenticated }
        var context = context
        context.tenant = tenant
        context.isService = tenant == .operators
        context.logger[metadataKey: "tenant"] = "\(tenant)"
        return try await next(request, context)
    }

    /// The credentials of `Authorization: Bearer …` (RFC 6750 section 2.1). `nil` when there are none.
    private static func bearer(_ request: Request) -> Substring? {
        guard let header = request.headers[.authorization] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1]
    }
}
