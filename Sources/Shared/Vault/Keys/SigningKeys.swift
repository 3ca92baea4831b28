/// The keys of AUTH_KEYS_FILE as they are now: a JWK set with private halves, whose first key signs and all of whose
/// keys verify.
package typealias SigningKeys = WatchedKeys<SigningKeySet>

extension SigningKeys {
    /// The public halves as JSON, for `/.well-known/jwks.json`.
    package var publicText: String { current.keys.publicText }
}

extension SigningKeySet: KeyFileContent {
    package static let title = "signing keys"

    package init(file bytes: [UInt8]) async throws(VaultError) { try await self.init(json: bytes) }

    package var names: [String] { keys.map(\.kid) }
}
