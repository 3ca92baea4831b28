/// This service as an operator registered it at a provider.
package struct OAuthClient: Sendable, Undisclosed {
    package var clientID: String
    package var clientSecret: String
    /// Stands for the provider's own address before every path, such as `http://127.0.0.1:9000/google`; a final slash
    /// is ignored. `nil` is the real provider.
    package var baseURL: String?
    /// Microsoft's directory (tenant) whose accounts may connect; `nil` admits all. Others take no notice of it.
    package var directory: String?
    /// As in `AllowedHosts`, at providers where each tenant has a host; `nil`: the provider's own. Others take no
    /// notice of it.
    package var hosts: [String]?

    package init(
        clientID: String, clientSecret: String, baseURL: String? = nil, directory: String? = nil,
        hosts: [String]? = nil
    ) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.baseURL = baseURL.map { $0.last == "/" ? String($0.dropLast()) : $0 }
        self.directory = directory
        self.hosts = hosts
    }
}
