import Domain
import Hummingbird
import Vault

/// The Idempotency-Key of a request, with or without the quotes of draft-ietf-httpapi-idempotency-key-header.
struct IdempotencyKey {
    let key: String
    /// SHA-256 of what was asked for.
    let digest: [UInt8]

    static let maxBytes = 255

    /// `nil` when the request has none.
    /// - Throws: `Problem` (422) for a key that is none.
    init?(_ request: Request, body: [UInt8]) throws {
        guard var text = request.headers[.idempotencyKey] else { return nil }
        if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = String(text.dropFirst().dropLast()) }
        let isPrintable = text.unicodeScalars.allSatisfy { (33...126).contains($0.value) && $0 != "\"" }
        guard isPrintable, (1...Self.maxBytes).contains(text.utf8.count) else {
            throw Problem.invalid(
                "Idempotency-Key", "must be 1 to \(Self.maxBytes) printable ASCII characters without spaces or quotes")
        }
        key = text
        digest = Digest.sha256(Array(request.uri.path.utf8) + [0] + body)
    }

    static let conflict = Problem(
        status: .unprocessableContent, code: "idempotency_key_reused",
        detail: "This Idempotency-Key was used for another request in the last 24 hours. Use a new one.")
}
