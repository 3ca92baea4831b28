package import FoundationEssentials

/// What a refresh token says: whose session, and the how-many-eth of it the token is.
package struct RefreshToken: Hashable, Sendable {
    package let user: UUID
    package let session: UUID
    package let generation: Int
}

/// Writes and reads refresh tokens: `ert_` + base64url(key id, user id, session id, generation, HMAC-SHA256).
///
/// Nothing of them is stored: the session's row holds the newest generation, and the same generation has the same text
/// as long as the first secret stays. Whether a generation is still good is for who knows that row.
package struct RefreshTokens: Sendable {
    private let form: SignedText

    package init(_ secrets: AuthSecrets) {
        form = SignedText("ert_", purpose: "refresh token", bodyBytes: 36, secrets)
    }

    /// - Parameter generation: 0 to 2,147,483,647, as PostgreSQL's integer has it.
    package func text(user: UUID, session: UUID, generation: Int) -> String {
        precondition((0...Int(Int32.max)).contains(generation), "a generation is a PostgreSQL integer from 0")
        return form.encode(user.bytes + session.bytes + [UInt8](bigEndian: UInt32(generation)))
    }

    /// `nil` for anything that was not signed here.
    package func read(_ text: some StringProtocol) -> RefreshToken? {
        guard let body = form.decode(text), let user = UUID(bytes: body.prefix(16)),
            let session = UUID(bytes: body.dropFirst(16).prefix(16))
        else { return nil }
        return RefreshToken(user: user, session: session, generation: Int(body.dropFirst(32).bigEndianNumber))
    }
}
