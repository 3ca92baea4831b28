/// A person's browser asks in a client's name.
struct AuthorizationRequest: Sendable {
    let client: RegisteredClient
    let redirectURI: String
    let scopes: [String]
    let state: String?
    let challenge: String?
    let nonce: String?
    /// Everything that came, the provider's own parameters included.
    let parameters: FormBody

    /// - Throws: before the client and its redirect URI are known, only refusals for the person.
    init(
        _ parameters: FormBody, client: RegisteredClient, redirectURI: String, provider: some SimulatedProvider
    ) throws(AuthorizationRefusal) {
        self.client = client
        self.redirectURI = redirectURI
        self.parameters = parameters
        state = parameters["state"]
        nonce = parameters["nonce"]
        if let name = parameters.repeated {
            throw .redirect(error: "invalid_request", description: "Parameter not allowed to be repeated: \(name)")
        }
        guard let type = parameters["response_type"] else {
            throw .redirect(error: "invalid_request", description: "Missing required parameter: response_type")
        }
        guard type == "code" else {
            throw .redirect(error: "unsupported_response_type", description: "Only response_type=code is simulated")
        }
        challenge = try Self.challenge(parameters, isRequired: client.requiresPKCE)
        scopes = try provider.scopes(of: parameters)
    }

    /// RFC 7636, section 4.3; the method `plain` is refused as RFC 9700 advises.
    private static func challenge(
        _ parameters: FormBody, isRequired: Bool
    ) throws(AuthorizationRefusal) -> String? {
        guard let challenge = parameters["code_challenge"] else {
            if !isRequired { return nil }
            throw .redirect(error: "invalid_request", description: "Missing required parameter: code_challenge")
        }
        guard parameters["code_challenge_method"] == "S256" else {
            throw .redirect(error: "invalid_request", description: "code_challenge_method must be S256")
        }
        guard challenge.wholeMatch(of: /[A-Za-z0-9_\-]{43}/) != nil else {
            throw .redirect(error: "invalid_request", description: "code_challenge is not a SHA-256 in base64url")
        }
        return challenge
    }

    /// Which client asks, and where it may be answered.
    static func sender(
        _ parameters: FormBody, provider: ProviderKind, accounts: Accounts
    ) throws(AuthorizationRefusal) -> (RegisteredClient, redirectURI: String) {
        guard let id = parameters["client_id"] else {
            throw .page(status: 400, error: "invalid_request", text: "Missing required parameter: client_id")
        }
        guard let client = accounts.with({ $0.client(id, at: provider) }) else {
            let text = "No application with the client ID “\(id)” is registered."
            throw .page(status: 401, error: "invalid_client", text: text)
        }
        guard let uri = parameters["redirect_uri"] else {
            throw .page(status: 400, error: "invalid_request", text: "Missing required parameter: redirect_uri")
        }
        guard client.redirectURIs.contains(uri) else {
            let text = "The redirect URI in the request, \(uri), is not one of those registered for the application."
            throw .page(status: 400, error: "redirect_uri_mismatch", text: text)
        }
        return (client, uri)
    }
}
