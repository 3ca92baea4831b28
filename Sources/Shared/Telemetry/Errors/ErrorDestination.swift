internal import FoundationEssentials

/// Where error reports go, from a Sentry DSN: `https://<public key>@<host>[/<path>]/<project>`.
/// https://develop.sentry.dev/sdk/foundations/transport/authentication/
struct ErrorDestination: Sendable, Equatable {
    let url: String
    let publicKey: String
    /// What comes from here is of this kind.
    var environment: String
    var release: String

    /// `nil` when it is no DSN.
    init?(dsn: String, environment: String, release: String) {
        guard let parts = URLComponents(string: dsn), let scheme = parts.scheme, scheme == "https" || scheme == "http",
            let key = parts.user, !key.isEmpty, let host = parts.host, !host.isEmpty, parts.query == nil
        else { return nil }
        var path = parts.path.split(separator: "/", omittingEmptySubsequences: true)
        guard let project = path.popLast(), key.utf8.allSatisfy(Self.isPlain), project.utf8.allSatisfy(Self.isPlain)
        else { return nil }
        let port = parts.port.map { ":\($0)" } ?? ""
        let folder = path.map { "/" + $0 }.joined()
        url = "\(scheme)://\(host)\(port)\(folder)/api/\(project)/envelope/"
        publicKey = key
        self.environment = environment
        self.release = release
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "-")
    }

    var authentication: String {
        "Sentry sentry_version=7, sentry_client=errand/\(release), sentry_key=\(publicKey)"
    }
}
