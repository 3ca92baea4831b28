/// Something that a connection is for, and the scopes it takes.
package struct ProviderFeature: Sendable, Equatable {
    package var name: String
    /// In the provider's own words for scopes; empty where the provider has none.
    package var scopes: [String]
    /// What it lets Errand do, in a few words for people.
    package var title: String

    package init(_ name: String, scopes: [String], title: String) {
        self.name = name
        self.scopes = scopes
        self.title = title
    }

    /// Whether all scopes are among the granted ones.
    package func isGranted(by granted: [String]) -> Bool {
        let granted = Set(granted.map(Self.plain))
        return scopes.allSatisfy { granted.contains(Self.plain($0)) }
    }

    /// Microsoft answers with or without the resource before the name, and in a case of its own:
    /// https://learn.microsoft.com/en-us/entra/identity-platform/scopes-oidc
    static func plain(_ scope: String) -> String {
        let scope = scope.lowercased()
        return String(scope.trimmingPrefix("https://graph.microsoft.com/"))
    }
}
