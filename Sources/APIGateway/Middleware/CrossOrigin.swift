import FoundationEssentials
import HTTPTypes
import Hummingbird
import Settings

/// Lets the pages of other origins use the API, if they are on the list; all others get no word of it.
/// https://fetch.spec.whatwg.org/#http-cors-protocol
struct CrossOrigin: RouterMiddleware {
    typealias Context = GatewayContext

    let origins: AllowedOrigins

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let origin = request.headers[.origin].flatMap { origins.contains($0) ? $0 : nil }
        if let origin, request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            return Response(status: .noContent, headers: Self.preflight(origin))
        }
        var response = try await next(request, context)
        add(to: &response.headers, origin: origin)
        return response
    }

    /// - Parameter origin: of the page that asks; `nil` or one that is not on the list gets no permission.
    func add(to headers: inout HTTPFields, origin: String?) {
        guard !origins.isEmpty else { return }
        headers.append(HTTPField(name: .vary, value: "Origin"))
        guard let origin, origins.contains(origin) else { return }
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlAllowCredentials] = "true"
        headers[.accessControlExposeHeaders] = Self.exposed
    }

    private static let exposed = [
        "X-Request-Id", "RateLimit", "RateLimit-Policy", "Retry-After", "Location", "ETag", "Idempotency-Replayed",
        "Deprecation", "Sunset", "Link", "WWW-Authenticate",
    ].joined(separator: ", ")

    private static let accepted = [
        "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID",
        "X-Company-Id", "X-CSRF-Token", "traceparent", "tracestate",
    ].joined(separator: ", ")

    private static func preflight(_ origin: String) -> HTTPFields {
        [
            .accessControlAllowOrigin: origin, .accessControlAllowCredentials: "true",
            .accessControlAllowMethods: "GET, HEAD, POST, PUT, PATCH, DELETE", .accessControlAllowHeaders: accepted,
            .accessControlMaxAge: "600",
            .vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ]
    }
}

/// CORS_ORIGINS: whose pages may use the API with credentials. Compared byte by byte.
struct AllowedOrigins: Sendable {
    private var origins: Set<String> = []

    var isEmpty: Bool { origins.isEmpty }

    func contains(_ origin: String) -> Bool { origins.contains(origin) }

    init(_ origins: Set<String> = []) { self.origins = origins }

    init(from reader: inout SettingsReader) {
        for entry in (reader.optionalText("cors.origins") ?? "").split(separator: ",") {
            let origin = String(entry.trimmed)
            guard Self.isOrigin(origin) else {
                reader.report(
                    "cors.origins", "must be origins such as https://app.example.com, with commas: no path, no *")
                return
            }
            origins.insert(origin)
        }
    }

    /// As browsers write it: scheme and host in lower case, a port only where it is not the scheme's own, nothing else.
    private static func isOrigin(_ text: String) -> Bool {
        guard let url = URL(string: text), let scheme = url.scheme, let host = url.host(), !host.isEmpty else {
            return false
        }
        guard scheme == "https" || scheme == "http", host == host.lowercased(), host != "*" else { return false }
        let isUsualPort = url.port == (scheme == "https" ? 443 : 80)
        let bracketed = host.contains(":") ? "[\(host)]" : host
        return !isUsualPort && text == "\(scheme)://\(bracketed)\(url.port.map { ":\($0)" } ?? "")"
    }
}
