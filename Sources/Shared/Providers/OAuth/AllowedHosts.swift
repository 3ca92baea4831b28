/// The installations of a provider that this service's secret may be sent to, as an operator lists them.
package struct AllowedHosts: Sendable, Hashable {
    private var names: Set<Substring> = []
    /// Of which every name below is meant.
    private var parents: Set<Substring> = []

    /// - Parameter patterns: host names; `*.example.org` stands for all below that one, and not for itself.
    package init(_ patterns: [String]) {
        for pattern in patterns.map({ $0.lowercased()[...] }) {
            if pattern.hasPrefix("*.") { parents.insert(pattern.dropFirst(2)) } else { names.insert(pattern) }
        }
    }

    package func contains(_ host: PublicHostName) -> Bool {
        var rest = host.text[...]
        if names.contains(rest) { return true }
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            if parents.contains(rest) { return true }
        }
        return false
    }
}
