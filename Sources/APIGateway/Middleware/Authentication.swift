import Domain
import HTTPTypes
import Hummingbird
import Logging

/// Finds out who a request is from. Nothing below it is open without a credential.
struct Authentication: RouterMiddleware {
    typealias Context = GatewayContext

    let identification: Identification

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let presented = Identification.Presented(
            headers: request.headers, method: request.method, authority: request.head.authority)
        let principal = try await identification.principal(of: presented)
        var context = context
        context.principal = principal
        context.logger[metadataKey: "tenant"] = "\(principal.tenant)"
        context.logger[metadataKey: "actor"] = "\(principal.name)"
        return try await next(request, context)
    }
}
