package import Domain
package import FoundationEssentials

/// One renewal that has been written down and not yet been carried out.
package struct Renewal: Sendable {
    package var id: UUID
    package var connection: Connection
    /// In plain text.
    package var refreshToken: String
    /// An earlier renewal of the same refresh token never said how it ended: a provider that gives a new refresh token
    /// each time may have done so, and nobody has it.
    package var mayBeLost: Bool
}

/// What a renewal meets at its beginning.
package enum RenewalStart: Sendable {
    case ready(Renewal)
    /// The tokens are newer than those that were to be replaced, or nobody needs them any more.
    case done(Connection)
    /// The answer to an earlier renewal may still come, for so many seconds.
    case underWay(seconds: Double)
    /// It cannot be renewed: a person has to connect it again.
    case impossible(Connection, ReconnectReason)
    case gone
}

/// How a renewal ended, seen from whoever asked the provider.
package enum RenewalOutcome: Sendable {
    case renewed(TokenSet)
    case refused(ReconnectReason)
    /// It did not happen.
    case failed(code: String)
    /// It may have happened.
    case unknown(code: String)
}

/// What the outcome made of the connection.
package enum RenewalEnd: Sendable, Equatable {
    case renewed
    /// Somebody else wrote tokens meanwhile: theirs stand.
    case superseded
    /// It needs a person now, who has not been told.
    case needsReconnect
    case unchanged
}
