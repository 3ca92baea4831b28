import Domain
import FoundationEssentials
import Vault

/// Everything that proves who somebody is, and that this gateway makes.
struct Credentials: Sendable {
    let access: AccessTokens
    let refresh: RefreshTokens
    let session: SessionTokens
    let csrf: CSRFTokens
    let mailed: MailedTokens

    init(secrets: AuthSecrets, access: AccessTokens) {
        self.access = access
        refresh = RefreshTokens(secrets)
        session = SessionTokens(secrets)
        csrf = CSRFTokens(secrets)
        mailed = MailedTokens(secrets)
    }
}

/// A person and one of their sessions.
struct SignIn: Hashable, Sendable {
    var user: UserID
    var session: SessionID
}
