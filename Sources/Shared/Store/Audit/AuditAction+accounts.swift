extension AuditAction {
    package static let registered = Self(rawValue: "auth.registered")
    /// Somebody registered an address that has an account.
    package static let registeredAgain = Self(rawValue: "auth.registered_again")
    package static let verified = Self(rawValue: "auth.verified")
    package static let login = Self(rawValue: "auth.login")
    package static let loginFailed = Self(rawValue: "auth.login_failed")
    package static let logout = Self(rawValue: "auth.logout")
    package static let sessionRevoked = Self(rawValue: "auth.session_revoked")
    package static let sessionsRevoked = Self(rawValue: "auth.sessions_revoked")
    /// An old refresh token came again: its session was ended.
    package static let refreshReused = Self(rawValue: "auth.refresh_reused")
    package static let passwordReset = Self(rawValue: "auth.password_reset")
    package static let passwordChanged = Self(rawValue: "auth.password_changed")
    package static let emailChangeRequested = Self(rawValue: "auth.email_change_requested")
    package static let accountDeleted = Self(rawValue: "auth.account_deleted")
    package static let keyCreated = Self(rawValue: "keys.created")
    package static let keyRevoked = Self(rawValue: "keys.revoked")
}
