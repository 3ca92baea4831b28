package import FoundationEssentials

/// A person and one of their sessions, as tokens name them.
package struct SessionToken: Hashable, Sendable {
    package let user: UUID
    package let session: UUID
}

/// Writes and reads the value of the session's cookie: `est_` + base64url(key id, user id, session id, HMAC-SHA256).
///
/// It says which session, for as long as its row says that it lives.
package struct SessionTokens: Sendable {
    private let form: SignedText

    package init(_ secrets: AuthSecrets) {
        form = SignedText("est_", purpose: "session cookie", bodyBytes: 32, secrets)
    }

    package func text(user: UUID, session: UUID) -> String { form.encode(user.bytes + session.bytes) }

    /// `nil` for anything that was not signed here.
    package func read(_ text: some StringProtocol) -> SessionToken? {
        guard let body = form.decode(text), let user = UUID(bytes: body.prefix(16)),
            let session = UUID(bytes: body.dropFirst(16))
        else { return nil }
        return SessionToken(user: user, session: session)
    }
}
