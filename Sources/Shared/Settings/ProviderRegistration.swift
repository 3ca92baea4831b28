/// This service as its operator registered it at a provider: NAME_CLIENT_ID, NAME_CLIENT_SECRET, NAME_BASE_URL.
package struct ProviderRegistration: Sendable {
    /// As in addresses: `google`.
    package var name: String
    package var clientID: String
    package var clientSecret: String
    /// Stands for the provider's own address: a simulator, or a private installation. `nil`: the provider's own.
    package var baseURL: String?
    /// MICROSOFT_DIRECTORY: whose accounts may connect. `nil`: all.
    package var directory: String?

    /// `nil` without NAME_CLIENT_ID: the provider is not available then.
    init?(_ name: String, _ reader: inout SettingsReader) {
        guard let clientID = reader.optionalText("\(name).client.id") else { return nil }
        self.name = name
        self.clientID = clientID
        clientSecret = reader.requiredText(
            "\(name).client.secret", hint: "give the secret that goes with \(name.uppercased())_CLIENT_ID")
        baseURL = reader.optionalText("\(name).base.url")
        directory = reader.optionalText("\(name).directory")
        if let baseURL, baseURL.wholeMatch(of: /https?:\/\/[^\s#?"<>]+/) == nil {
            reader.report("\(name).base.url", "must be an http or https URL such as https://login.example.org")
        }
    }
}
