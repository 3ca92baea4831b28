/// The keys of a JWK set with private halves (RFC 7517 section 5). The first signs, all verify.
package struct SigningKeySet: Sendable {
    package static let maxBytes = 65_536
    package static let maxKeys = 16

    /// In the order of the file; never empty.
    package let keys: [SigningKey]
    private let byName: [String: SigningKey]

    /// - Throws: `setting` when there is none or there are more than 16, when two share a name, when the first cannot
    ///   sign, and for RSA keys.
    package init(_ keys: [SigningKey]) throws(VaultError) {
        guard let first = keys.first else { throw .setting("no key") }
        guard keys.count <= Self.maxKeys else { throw .setting("more than \(Self.maxKeys) keys") }
        guard first.canSign else { throw .setting("the first key has no private half to sign with") }
        guard keys.allSatisfy({ $0.algorithm != .rs256 }) else { throw .setting("an RSA key, which is not taken") }
        byName = Dictionary(keys.map { ($0.kid, $0) }) { first, _ in first }
        guard byName.count == keys.count else { throw .setting("two keys of the same kid") }
        self.keys = keys
    }

    /// Reads the file's bytes. Every key of it must be usable: an operator wants to know of a slip.
    ///
    /// - Throws: `setting`, which says what is wrong and names no secret.
    package init(json bytes: [UInt8]) async throws(VaultError) {
        guard bytes.count <= Self.maxBytes, let elements = StrictJSON(bytes)?.object?["keys"]?.array else {
            throw .setting("not a JWK set ({\"keys\":[…]}) of at most \(Self.maxBytes) bytes")
        }
        var keys: [SigningKey] = []
        for (index, element) in elements.prefix(Self.maxKeys + 1).enumerated() {
            do {
                keys.append(SigningKey(key: try await JSONWebKey(element.object ?? [:])))
            } catch let error as JSONWebKey.Refusal {
                throw .setting("key \(index + 1): \(error.reason)")
            } catch {
                throw .setting("key \(index + 1) is not a valid key")
            }
        }
        try self.init(keys)
    }

    /// What signs.
    var first: SigningKey { keys[0] }

    subscript(kid: String) -> SigningKey? { byName[kid] }

    /// With this key in front, so that it signs; or behind the others, so that everyone knows it before it does.
    ///
    /// - Throws: as `init(_:)`.
    package func adding(_ key: SigningKey, first: Bool) throws(VaultError) -> SigningKeySet {
        try SigningKeySet(first ? [key] + keys : keys + [key])
    }

    /// The file's text, one key a line. A secret.
    package var privateText: String {
        "{\"keys\":[\n" + keys.map(\.key.privateText).joined(separator: ",\n") + "\n]}\n"
    }

    /// What everyone may know, for `/.well-known/jwks.json`: no octets, no private member.
    package var publicText: String {
        "{\"keys\":[" + keys.compactMap(\.key.publicText).joined(separator: ",") + "]}"
    }
}
