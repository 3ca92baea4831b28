import Domain
import HTTPTypes
import Store
import Vault

/// What the answer is when something could not be done with a connection.
extension Problem {
    static let connectionsOff = Problem(
        status: .notFound, code: "connections_off",
        detail: "This gateway connects no accounts: set MASTER_KEYS or MASTER_KEYS_FILE, and a provider's client.")

    static func connection(_ error: ConnectionError) -> Problem {
        switch error {
        case .notFound: .notFound("connection")
        case .unreadableRow:
            Problem(
                status: .internalServerError, code: "internal_error",
                detail: "The connection was written by a newer version. Report the request id.")
        }
    }

    /// A master key may be known elsewhere, or here soon. What is not authentic stays so: it takes a person.
    static func sealing(_ error: SealingError) -> Problem {
        if case .unknownMasterKey = error {
            return .unavailable("master_key_unknown", "What seals the tokens here is not known to this gateway.")
        }
        return reconnectNeeded
    }

    static let tokensOff = Problem(
        status: .forbidden, code: "tokens_off",
        detail: "Tokens are given to nobody here: jobs use them. An operator can set AGENT_TOKENS=on.")

    static let reconnectNeeded = Problem(
        status: .conflict, code: "needs_reconnect", detail: "The account has to be connected again, by a person.")

    static let disconnecting = Problem(
        status: .conflict, code: "wrong_state", detail: "The connection is being ended.")

    static let tokenNotReady = Problem.unavailable(
        "token_not_ready", "The token is being renewed. Ask again in a few seconds.")

    static let tooManyConnections = Problem(
        status: .conflict, code: "too_many_connections",
        detail: "A workspace has at most \(Connections.maxPerTenant) connections. Disconnect one first.")

    static let tooManyAuthorizations = Problem(
        status: .conflict, code: "too_many_authorizations",
        detail: "\(Authorizations.maxOpen) visits to providers are under way. They are over after 15 minutes.")
}
