/// What ends when a provider is asked to end a connection.
package enum Revocation: Sendable, Equatable {
    /// Nothing can be ended: the person has to do it there.
    case nothing
    /// What this connection was given.
    case connection
    /// All that the account has given to this service, other workspaces' connections of it included.
    case account
}
