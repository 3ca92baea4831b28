internal import Glibc

/// What can go wrong when telemetry starts. Later it never fails its callers.
package enum TelemetryError: Error, CustomStringConvertible {
    /// The metrics server's host has no address; `code` is one of getaddrinfo's.
    case unknownHost(address: String, code: Int32)
    /// The metrics server's address cannot be used; `code` is errno.
    case listen(operation: StaticString, address: String, code: Int32)
    /// The operating system gave no thread or no pipe; `code` is errno.
    case system(operation: StaticString, code: Int32)

    package var description: String {
        switch self {
        case .unknownHost(let address, let code):
            "cannot listen on \(address): \(String(cString: gai_strerror(code)))"
        case .listen(let operation, let address, let code):
            "cannot listen on \(address): \(operation): \(String(cString: strerror(code)))"
        case .system(let operation, let code):
            "telemetry cannot start: \(operation): \(String(cString: strerror(code)))"
        }
    }
}
