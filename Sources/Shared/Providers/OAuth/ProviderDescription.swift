package import Domain

/// What the page and the rest of the service know about a provider.
package struct ProviderDescription: Sendable, Equatable {
    package var name: ProviderName
    /// As people know it.
    package var title: String
    /// What a connection can be made for; never empty. The first is asked for when a request names none.
    package var features: [ProviderFeature]
    /// Where each tenant has a server of its own, whose host name belongs to the connection: those that may be named.
    /// `nil`: there is one for all.
    package var hosts: AllowedHosts?
    /// Whether a renewal kills the refresh token that it used.
    package var rotatesRefreshTokens: Bool
    package var revocation: Revocation
    /// What a callback's `iss` parameter says, when the provider sends one.
    package var issuer: String?

    package var needsHost: Bool { hosts != nil }

    /// The operators' setting of `hosts`.
    package var hostsSetting: String { "\(name.rawValue.uppercased())_HOSTS" }

    /// The names of the features whose scopes were all granted.
    package func features(grantedBy scopes: [String]) -> [String] {
        features.filter { $0.isGranted(by: scopes) }.map(\.name)
    }

    /// The features of these names, in the provider's order; the first feature for no name at all.
    func features(named names: [String]) throws(InvalidCommand) -> [ProviderFeature] {
        if names.isEmpty { return Array(features.prefix(1)) }
        guard names.allSatisfy({ name in features.contains { $0.name == name } }) else {
            let known = features.map(\.name).joined(separator: ", ")
            throw InvalidCommand(field: "features", "must be some of what \(title) knows: \(known)")
        }
        return features.filter { names.contains($0.name) }
    }

    /// The scopes that the features of a request take, together with those of the connection that it widens.
    func scopes(for features: [String], widening granted: [String]) throws(InvalidCommand) -> [String] {
        var seen: Set<String> = []
        return (try self.features(named: features).flatMap(\.scopes) + granted).filter {
            seen.insert(ProviderFeature.plain($0)).inserted
        }
    }

    /// The scopes that were asked for when this code was. None for features that no request can have named.
    func scopes(askedForBy code: CodeGrant) -> [String] {
        (try? scopes(for: code.features, widening: code.grantedScopes)) ?? []
    }

    /// Checks the tenant's host: it must be there when it is needed, and only then.
    func validate(host: String?) throws(InvalidCommand) {
        guard let hosts else {
            guard host == nil else {
                throw InvalidCommand(field: "host", "\(title) has one address for everybody: leave it out.")
            }
            return
        }
        guard let name = host.flatMap({ PublicHostName($0) }) else {
            throw InvalidCommand(
                field: "host", "must be the host name of your \(title), such as school.instructure.com")
        }
        guard hosts.contains(name) else {
            throw InvalidCommand(
                field: "host", "is not allowed here: the operators set in \(hostsSetting) which hosts are")
        }
    }
}
