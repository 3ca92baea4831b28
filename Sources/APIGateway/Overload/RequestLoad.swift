import HTTPTypes
import HummingbirdCore

/// What a request is to a gateway that has too much to do.
enum RequestLoad: Sendable {
    /// Answered always: health, the page, documentation.
    case exempt
    /// Takes a place while it is worked on.
    case work
    /// Waits for something else to happen, or in a bounded queue of its own, as passwords do: refused like work, but it
    /// takes no place, so that neither readers nor a storm of sign-ins keep others out.
    case wait

    init(_ head: HTTPRequest) {
        let uri = URI(head.path ?? "/")
        if !uri.path.hasPrefix("/api/") || uri.path.hasPrefix("/api/v1/health") {
            self = .exempt
        } else {
            self = Self.waits(head, uri) ? .wait : .work
        }
    }

    private static func waits(_ head: HTTPRequest, _ uri: URI) -> Bool {
        if uri.path.hasPrefix("/api/v1/auth/") { return true }
        guard head.method == .get else { return false }
        return uri.path.hasSuffix("/events") || uri.path == "/api/v1/ws" || uri.queryParameters["wait"] != nil
    }
}
