import Domain
import Hummingbird

/// Lets through who may do what the method does: GET and HEAD read, everything else writes.
struct Permitted: RouterMiddleware {
    typealias Context = GatewayContext

    let read: Permissions
    let write: Permissions

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        try context.require(request.method == .get || request.method == .head ? read : write)
        return try await next(request, context)
    }
}
