import HTTPTypes
import Hummingbird

/// What browsers are told with every answer. A page that has a policy of its own keeps it.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = GatewayContext

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        Self.add(to: &response.headers, isEncrypted: context.isEncrypted)
        return response
    }

    /// - Parameter isEncrypted: whether the client came by https.
    static func add(to headers: inout HTTPFields, isEncrypted: Bool) {
        if !headers.contains(.contentSecurityPolicy) { headers.append(policy) }
        if !headers.contains(.cacheControl) { headers.append(cacheControl) }
        headers.append(contentsOf: fields)
        // RFC 6797 section 7.2: not over a connection that is not encrypted.
        if isEncrypted { headers[.strictTransportSecurity] = "max-age=31536000" }
    }

    /// https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
    private static let policy = HTTPField(
        name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'")
    private static let cacheControl = HTTPField(name: .cacheControl, value: "no-store")
    private static let fields: HTTPFields = [
        .xContentTypeOptions: "nosniff",
        .referrerPolicy: "no-referrer",
        .crossOriginResourcePolicy: "same-origin",
        .crossOriginOpenerPolicy: "same-origin",
        .permissionsPolicy: "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ]
}

extension HTTPField.Name {
    static let crossOriginResourcePolicy = HTTPField.Name("Cross-Origin-Resource-Policy")!
    static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
    static let permissionsPolicy = HTTPField.Name("Permissions-Policy")!
}
