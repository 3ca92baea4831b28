import FoundationEssentials

/// A token's payload, whose claims are read one by one and must be exactly of their type.
struct Claims {
    let members: [String: StrictJSON]

    func text(_ name: String) throws(TokenRefusal) -> String {
        guard let text = members[name]?.string, !text.isEmpty else { throw .claim(name) }
        return text
    }

    func uuid(_ name: String) throws(TokenRefusal) -> UUID {
        guard let uuid = UUID(text: try text(name)) else { throw .claim(name) }
        return uuid
    }

    /// Whole seconds since 1970 (RFC 7519 allows fractions, which no issuer of ours writes), up to the year 9999.
    func date(_ name: String) throws(TokenRefusal) -> Date {
        guard let seconds = members[name]?.integer, (0...253_402_300_799).contains(seconds) else { throw .claim(name) }
        return Date(timeIntervalSince1970: Double(seconds))
    }

    func require(_ name: String, _ value: String) throws(TokenRefusal) {
        // Bytes, because Swift's == takes different spellings of one character for the same.
        guard try text(name).utf8.elementsEqual(value.utf8) else { throw .claim(name) }
    }

    /// A text, or a list of texts that has it (RFC 7519 section 4.1.3).
    func requireAudience(_ value: String) throws(TokenRefusal) {
        let isThere =
            switch members["aud"] {
            case .string(let text): text.utf8.elementsEqual(value.utf8)
            case .array(let elements):
                elements.allSatisfy { $0.string != nil }
                    && elements.contains { $0.string.map { $0.utf8.elementsEqual(value.utf8) } ?? false }
            default: false
            }
        if !isThere { throw .claim("aud") }
    }

    /// Checks `exp`, and `nbf` and `iat` where they are; returns `exp`.
    ///
    /// - Parameters:
    ///   - leeway: seconds by which the issuer's clock may be ahead of ours.
    ///   - grace: seconds for which an expired token is still taken.
    func requireLive(at now: Date, leeway: Double, grace: Double) throws(TokenRefusal) -> Date {
        let expiresAt = try date("exp")
        guard now.timeIntervalSince(expiresAt) < grace else { throw .expired }
        for name in ["nbf", "iat"] where members[name] != nil {
            let begins = try date(name)
            if begins.timeIntervalSince(now) > leeway { throw .notYetValid }
            if begins > expiresAt { throw .claim(name) }
        }
        return expiresAt
    }
}
