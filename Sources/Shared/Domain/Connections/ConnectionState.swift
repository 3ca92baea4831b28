/// Whether what a connection is for can be done now.
package enum ConnectionState: String, Sendable, Codable, CaseIterable {
    /// Its tokens are good, or can be renewed.
    case active
    /// A person has to consent again: its jobs wait.
    case needsReconnect = "needs_reconnect"
    /// It is being revoked at the provider, and then forgotten.
    case disconnecting
}

/// Why a connection needs a person, for programs. What people read is made of it.
package struct ReconnectReason: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// The provider takes the refresh token no longer: access was withdrawn, or it went unused for too long.
    package static let refused = Self(rawValue: "invalid_grant")
    /// A renewal's answer was lost, and with it the only refresh token that is still good.
    package static let lostRotation = Self(rawValue: "lost_rotation")
    /// The provider gave no refresh token, and the access token is over.
    package static let noRefreshToken = Self(rawValue: "no_refresh_token")
    /// What sealed the tokens is gone.
    package static let unreadable = Self(rawValue: "tokens_unreadable")
}
