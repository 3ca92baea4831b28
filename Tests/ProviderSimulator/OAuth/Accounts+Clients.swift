extension Accounts {
    /// RFC 6749, section 2.3.1.
    func authenticate(id: String?, secret: String?, at provider: ProviderKind) throws(Refusal) -> RegisteredClient {
        guard let id else { throw .missingClient }
        guard let client = with({ $0.client(id, at: provider) }) else { throw .unknownClient }
        guard let secret, !secret.isEmpty else { throw .missingSecret }
        guard secret == client.secret else { throw .wrongSecret }
        return client
    }
}
