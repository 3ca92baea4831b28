import Hummingbird

/// Finds out for whom a trusted proxy forwards a request.
struct ClientAddress: RouterMiddleware {
    typealias Context = GatewayContext

    let proxies: TrustedProxies

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let peer = IPAddress(context.address) else { return try await next(request, context) }
        var context = context
        let client = proxies.client(peer: peer, request.headers)
        context.address = client.address.description
        context.isEncrypted = client.isEncrypted
        return try await next(request, context)
    }
}
