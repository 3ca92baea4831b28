/// This service as an operator registered it at a provider.
package struct OAuthClient: Sendable, Undisclosed {
    package var clientID: String
    package var clientSecret: String
    /// Stands for the provider's own address before every path, such as `http://127.0.0.1:9000/google`; a final slash
    /// is ignored. `nil` is the real provider.
    package var baseURL: String?
    /// Microsoft's directory (tenant) whose accounts may connect; `nil` admits all. Others take no notice of it.
    package var directory: String?

    package init(clientID: String, clientSecret: String, baseURL: String? = nil, directory: String? = nil) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.baseURL = baseURL.map { $0.last == "/" ? String($0.dropLast()) : $0 }
        self.directory = directory
    }
}
