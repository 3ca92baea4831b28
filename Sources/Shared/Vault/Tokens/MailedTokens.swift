package import FoundationEssentials

/// Writes and reads the tokens of links in mails: `evt_` verifies an address, `ept_` sets a new password, `eit_`
/// accepts an invitation. Each is signed for its purpose and expires; nothing of them is stored.
///
/// Single use: the first two hold a fingerprint of what they change. Once that has changed, `isOf` is false. An
/// invitation's row says itself that it was accepted.
package struct MailedTokens: Sendable {
    /// How long each is good, in seconds.
    package static let verificationSeconds = 24 * 3600
    package static let resetSeconds = 3600
    package static let invitationSeconds = 7 * 24 * 3600

    /// Good until then, and only while the account's state is the one it was made for.
    package struct AccountToken: Hashable, Sendable {
        package let user: UUID
        package let expiresAt: Date
        let fingerprint: [UInt8]
    }

    package struct Invitation: Hashable, Sendable {
        package let invitation: UUID
        package let company: UUID
        package let expiresAt: Date
    }

    private static let fingerprintBytes = 16

    private let verification: SignedText
    private let reset: SignedText
    private let invitation: SignedText
    private let fingerprintKeys: [AuthSecrets.Key]

    package init(_ secrets: AuthSecrets) {
        let accountBytes = 16 + 8 + Self.fingerprintBytes
        verification = SignedText("evt_", purpose: "verification mail", bodyBytes: accountBytes, secrets)
        reset = SignedText("ept_", purpose: "reset mail", bodyBytes: accountBytes, secrets)
        invitation = SignedText("eit_", purpose: "invitation mail", bodyBytes: 16 + 16 + 8, secrets)
        fingerprintKeys = secrets.keys(for: "mail fingerprint")
    }

    /// Verifies that `email` is the user's, who is not verified yet.
    package func verification(user: UUID, email: String, now: Date = Date()) -> String {
        verification.encode(
            body(user, now, Self.verificationSeconds, fingerprint(Self.verified(email), fingerprintKeys[0])))
    }

    /// `nil` when it was not signed here or has expired. Then ask `isOf` with the user's row.
    package func readVerification(_ text: some StringProtocol, now: Date = Date()) -> AccountToken? {
        account(verification.decode(text), now)
    }

    /// Whether the token is for this address. (That the user is verified already is for the caller to see.)
    package func isOf(_ token: AccountToken, email: String) -> Bool { matches(token, Self.verified(email)) }

    /// Sets a new password in place of the one with this hash; `nil`: the user has none.
    package func reset(user: UUID, passwordHash: String?, now: Date = Date()) -> String {
        reset.encode(body(user, now, Self.resetSeconds, fingerprint(Self.hashed(passwordHash), fingerprintKeys[0])))
    }

    /// `nil` when it was not signed here or has expired. Then ask `isOf` with the user's row.
    package func readReset(_ text: some StringProtocol, now: Date = Date()) -> AccountToken? {
        account(reset.decode(text), now)
    }

    /// Whether the password is still the one the token was made for.
    package func isOf(_ token: AccountToken, passwordHash: String?) -> Bool {
        matches(token, Self.hashed(passwordHash))
    }

    package func invitation(_ id: UUID, company: UUID, now: Date = Date()) -> String {
        invitation.encode(id.bytes + company.bytes + Self.expiry(now, Self.invitationSeconds))
    }

    /// `nil` when it was not signed here or has expired. Whether it is still open, its row says.
    package func readInvitation(_ text: some StringProtocol, now: Date = Date()) -> Invitation? {
        guard let body = invitation.decode(text), let id = UUID(bytes: body[0..<16]),
            let company = UUID(bytes: body[16..<32]), let expiresAt = Self.live(body[32..<40], now)
        else { return nil }
        return Invitation(invitation: id, company: company, expiresAt: expiresAt)
    }

    private func body(_ user: UUID, _ now: Date, _ seconds: Int, _ fingerprint: [UInt8]) -> [UInt8] {
        user.bytes + Self.expiry(now, seconds) + fingerprint
    }

    private func account(_ body: [UInt8]?, _ now: Date) -> AccountToken? {
        guard let body, let user = UUID(bytes: body[0..<16]), let expiresAt = Self.live(body[16..<24], now) else {
            return nil
        }
        return AccountToken(user: user, expiresAt: expiresAt, fingerprint: Array(body[24...]))
    }

    private static func expiry(_ now: Date, _ seconds: Int) -> [UInt8] {
        [UInt8](bigEndian: UInt64(max(0, now.timeIntervalSince1970)) + UInt64(seconds))
    }

    /// `nil` when that time has come.
    private static func live(_ bytes: ArraySlice<UInt8>, _ now: Date) -> Date? {
        let expiresAt = Date(timeIntervalSince1970: Double(bytes.bigEndianNumber))
        return now < expiresAt ? expiresAt : nil
    }

    private static func verified(_ email: String) -> String { "email " + email }
    private static func hashed(_ passwordHash: String?) -> String { passwordHash.map { "hash " + $0 } ?? "none" }

    private func fingerprint(_ state: String, _ key: AuthSecrets.Key) -> [UInt8] {
        Array(Digest.hmacSHA256(Array(state.utf8), key: key.bytes).prefix(Self.fingerprintBytes))
    }

    private func matches(_ token: AccountToken, _ state: String) -> Bool {
        fingerprintKeys.contains { Digest.areEqual(fingerprint(state, $0), token.fingerprint) }
    }
}
