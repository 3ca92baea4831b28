/// Which addresses the transport may open connections to. It is asked with the address that a name resolved to, at
/// the moment the socket is opened: a name that changes its address between check and use gains nothing.
///
/// With a proxy configured the proxy resolves the names, so only literal addresses in URLs are judged here.
package struct EgressPolicy: Sendable, Hashable {
    private enum Reach: Sendable, Hashable {
        case any
        case publicOnly(requiresTLS: Bool)
    }

    private let reach: Reach
    private let allowed: Set<HostAndPort>

    /// Everything that resolves: for development, tests and URLs that only the operator chooses.
    package static let any = EgressPolicy(reach: .any, allowed: [])

    /// Public internet addresses only.
    package static let publicOnly = EgressPolicy.publicOnly(allowing: [])

    /// Public internet addresses, and whatever the hosts named in `allowing` resolve to, on exactly that port: the
    /// host as it stands in the URL. `requiresTLS` refuses http for all but those.
    package static func publicOnly(allowing: some Sequence<HostAndPort>, requiresTLS: Bool = false) -> EgressPolicy {
        EgressPolicy(reach: .publicOnly(requiresTLS: requiresTLS), allowed: Set(allowing))
    }

    /// Whether nothing but public addresses, and the hosts that were named, can be reached.
    package var isPublicOnly: Bool { reach != .any }

    private init(reach: Reach, allowed: Set<HostAndPort>) {
        self.reach = reach
        self.allowed = allowed
    }

    /// What can be said from the URL alone: the reason of a refusal, or `nil`.
    func refusal(of target: HTTPTarget) -> String? {
        guard case .publicOnly(let requiresTLS) = reach, !allowed.contains(target.address) else { return nil }
        if requiresTLS, !target.isEncrypted { return "not encrypted" }
        guard let literal = IPAddress(target.address.host), !literal.isPublic else { return nil }
        return "not a public address"
    }

    /// What can be said about an address that `target` resolved to: the reason of a refusal, or `nil`. A `nil`
    /// address stands for a family that is neither IPv4 nor IPv6.
    func refusal(of address: IPAddress?, for target: HTTPTarget) -> String? {
        guard case .publicOnly = reach, !allowed.contains(target.address) else { return nil }
        return address?.isPublic == true ? nil : "resolves to an address that is not public"
    }
}
