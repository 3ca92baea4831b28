/// The account behind a connection, as its provider knows it.
package struct ProviderAccount: Sendable, Equatable {
    /// Unique and unchanging at the provider; where a provider has a server for each tenant, at that server.
    package var id: String
    /// For people to recognise it by.
    package var name: String
    package var email: String?

    package init(id: String, name: String, email: String? = nil) {
        self.id = id
        self.name = name
        self.email = email
    }
}
