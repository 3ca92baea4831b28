package import Domain
package import FoundationEssentials
package import HTTPTransport

/// The providers that an operator has registered this service at.
package struct ProviderCatalog: Sendable {
    /// Every provider there is: the registration.
    package static let known: [any OAuthProvider.Type] = [
        GoogleOAuth.self, MicrosoftOAuth.self, NotionOAuth.self, CanvasOAuth.self,
    ]

    /// The names of all of them.
    package static var names: [String] { known.map { $0.name.rawValue } }

    /// In the order of `known`.
    package let providers: [any OAuthProvider]

    /// - Parameters:
    ///   - settings: the registration at each provider; one without is not available. Names that are not `known` are
    ///     left out.
    ///   - transport: reaches what `egress(for:)` of the same settings allows.
    ///   - now: the clock for `retry-after` dates and an id token's end.
    package init(
        settings: [ProviderName: OAuthClient], transport: HTTPTransport,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        providers = Self.known.compactMap { provider in
            settings[provider.name].map { provider.init(client: $0, transport: transport, now: now) }
        }
    }

    package subscript(name: ProviderName) -> (any OAuthProvider)? {
        providers.first { type(of: $0).name == name }
    }

    /// The public internet by TLS, which is where the real providers and tenants' hosts are, and the addresses that the
    /// operator put in place of a provider.
    package static func egress(for settings: [ProviderName: OAuthClient]) -> EgressPolicy {
        let chosen = settings.values.compactMap(\.baseURL).compactMap { try? HTTPTarget(url: $0).address }
        return .publicOnly(allowing: chosen, requiresTLS: true)
    }
}
