import Domain
import Hummingbird
import Jobs
import Vault

/// The Idempotency-Key of a request, with or without the quotes of draft-ietf-httpapi-idempotency-key-header.
enum IdempotencyKey {
    static let maxBytes = 255

    /// `nil` when the request has none.
    /// - Throws: `Problem` (422) for a key that is none.
    static func read(_ request: Request, body: [UInt8]) throws -> RequestKey? {
        guard var text = request.headers[.idempotencyKey] else { return nil }
        if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = String(text.dropFirst().dropLast()) }
        let isPrintable = text.unicodeScalars.allSatisfy { (33...126).contains($0.value) && $0 != "\"" }
        guard isPrintable, (1...Self.maxBytes).contains(text.utf8.count) else {
            throw Problem.invalid(
                "Idempotency-Key", "must be 1 to \(Self.maxBytes) printable ASCII characters without spaces or quotes")
        }
        return RequestKey(key: text, digest: Digest.sha256(Array(request.uri.path.utf8) + [0] + body))
    }

    static let conflict = Problem(
        status: .unprocessableContent, code: "idempotency_key_reused",
        detail: "This Idempotency-Key was used for another request in the last 24 hours. Use a new one.")

    static let inProgress = Problem(
        status: .conflict, code: "idempotency_key_in_progress",
        detail: "A request with this Idempotency-Key is being worked on. Repeat this one in a moment.",
        headers: [.retryAfter: "1"])
}
