extension AuditAction {
    package static let connectionBegun = Self(rawValue: "connection.begun")
    package static let connectionMade = Self(rawValue: "connection.made")
    package static let connectionRefused = Self(rawValue: "connection.refused")
    /// Somebody asked for its end; the worker says when it has ended.
    package static let disconnectRequested = Self(rawValue: "connection.disconnect_requested")
    package static let connectionEnded = Self(rawValue: "connection.ended")
    package static let connectionNeedsReconnect = Self(rawValue: "connection.needs_reconnect")
    /// Somebody was given a token in plain text.
    package static let tokenDisclosed = Self(rawValue: "connection.token_disclosed")
}
