import Providers
import Settings

/// What can be set about connections in the gateway. README lists the variables.
struct ConnectionConfiguration {
    var settings: ConnectionSettings
    /// As browsers reach this gateway, without a slash at its end.
    var publicURL: String
    /// Whether keys with the permission get tokens in plain text.
    var disclosesTokens: Bool

    /// `nil` when there are no connections: no master key is set.
    init?(from reader: inout SettingsReader) {
        guard let settings = ConnectionSettings.read(&reader, providers: ProviderCatalog.names) else { return nil }
        self.settings = settings
        let hint = "give this gateway's address as browsers know it: providers send them back there"
        let url = reader.requiredText("public.url", hint: hint)
        publicURL = url.hasSuffix("/") ? String(url.dropLast()) : url
        if !url.isEmpty, url.wholeMatch(of: /https?:\/\/[^\s#?"<>]+/) == nil {
            reader.report("public.url", "must be an http or https URL such as https://errand.example.org")
        }
        switch reader.text("agent.tokens", default: "off") {
        case "on": disclosesTokens = true
        case "off": disclosesTokens = false
        default:
            disclosesTokens = false
            reader.report("agent.tokens", "must be on or off")
        }
    }
}
