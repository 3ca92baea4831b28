import Vault

/// What a provider sends a browser back with: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
struct CallbackQuery: Sendable {
    let state: RandomSecret
    let code: Result<String, CallbackError>
    /// Who answers: https://www.rfc-editor.org/rfc/rfc9207
    let issuer: String?

    /// The longest code that is kept. Google's has 256 bytes at most, Microsoft's some 2,000.
    static let maxCodeBytes = 4_096
    private static let names: Set<String> = ["state", "code", "error", "iss"]

    /// `nil` without a state that can be one of ours, or with a parameter that comes twice
    /// (https://www.rfc-editor.org/rfc/rfc6749#section-3.1).
    init?(_ query: String) {
        let pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { Array($0) }
        guard let fields = FormReader.fields(Array(query.utf8)), Self.isUnambiguous(pairs),
            let state = fields["state"].flatMap({ RandomSecret($0) })
        else { return nil }
        self.state = state
        issuer = fields["iss"]
        if let error = fields["error"] {
            code = .failure(CallbackError(provider: error))
        } else if let text = fields["code"], (1...Self.maxCodeBytes).contains(text.utf8.count) {
            code = .success(text)
        } else {
            code = .failure(.unreadable)
        }
    }

    private static func isUnambiguous(_ pairs: [[UInt8]]) -> Bool {
        var seen: Set<String> = []
        return pairs.allSatisfy { pair in
            guard let name = FormReader.fields(pair)?.keys.first, names.contains(name) else { return true }
            return seen.insert(name).inserted
        }
    }
}
