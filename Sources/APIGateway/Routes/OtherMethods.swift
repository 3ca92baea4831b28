import HTTPTypes
import Hummingbird

/// What a path answers to methods it has no route for: 405 with those it has, RFC 9110 section 15.5.6, and OPTIONS with
/// the same list. Mounted last, from the router's own table of routes.
enum OtherMethods {
    private static let all: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .query,
    ]

    static func mount(on router: Router<GatewayContext>) {
        for routes in Dictionary(grouping: router.routes, by: \.path.description).values {
            guard let path = routes.first?.path else { continue }
            let known = Set(routes.map(\.method))
            let isReadable = known.contains(.get)
            let allowed = all.filter { known.contains($0) || $0 == .options || (isReadable && $0 == .head) }
            let allow = allowed.map(\.rawValue).joined(separator: ", ")
            for method in all where !allowed.contains(method) {
                router.on(path, method: method) { _, _ -> Response in throw Problem.methodNotAllowed(allow) }
            }
            if !known.contains(.options) {
                router.on(path, method: .options) { _, _ in Response(status: .noContent, headers: [.allow: allow]) }
            }
        }
    }
}

extension Problem {
    /// - Parameter allow: the methods that the address takes.
    static func methodNotAllowed(_ allow: String) -> Problem {
        Problem(
            status: .methodNotAllowed, code: "method_not_allowed", detail: "This address takes \(allow).",
            headers: [.allow: allow])
    }
}

extension HTTPRequest.Method {
    /// draft-ietf-httpbis-safe-method-w-body: known, and taken nowhere.
    static let query = HTTPRequest.Method("QUERY")!
}
