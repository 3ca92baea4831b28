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
    /// CANVAS_HOSTS: the tenants' hosts that the secret may go to. `nil`: the provider's own.
    package var hosts: [String]?

    /// `nil` without NAME_CLIENT_ID: the provider is not available then.
    init?(_ name: String, _ reader: inout SettingsReader) {
        guard let clientID = reader.optionalText("\(name).client.id") else { return nil }
        self.name = name
        self.clientID = clientID
        clientSecret = reader.requiredText(
            "\(name).client.secret", hint: "give the secret that goes with \(name.uppercased())_CLIENT_ID")
        baseURL = reader.optionalText("\(name).base.url")
        directory = reader.optionalText("\(name).directory")
        hosts = Self.hosts(of: name, &reader)
        if let baseURL, baseURL.wholeMatch(of: /https?:\/\/[^\s#?"<>]+/) == nil {
            reader.report("\(name).base.url", "must be an http or https URL such as https://login.example.org")
        }
    }

    /// NAME_HOSTS, separated by commas. `nil`: it is not set.
    package static func hosts(of name: String, _ reader: inout SettingsReader) -> [String]? {
        guard let text = reader.optionalText("\(name).hosts") else { return nil }
        let hosts = text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        if hosts.isEmpty || !hosts.allSatisfy({ $0.wholeMatch(of: /(\*\.)?([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+/) != nil }) {
            reader.report("\(name).hosts", "must be host names such as school.example.org or *.example.org")
        }
        return hosts
    }
}
