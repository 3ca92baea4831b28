/// Every failure of this module. No case and no description ever holds a bound value, a row's content or a password.
package enum PostgresError: Error, Sendable, Equatable {
    /// No connection could be opened; nothing was sent. The text names host and reason.
    case connect(String)
    /// The server refused the statement and undid it. `message` holds identifiers only: the server's primary message
    /// where its class echoes no values, else a text of our own with table and column. `statement` is the
    /// `Statement.name`, "commit", or the file of a script; `constraint` is the violated one, if any.
    case server(SQLState, message: String, statement: String, constraint: String?)
    /// The connection broke after the statement went out. `outcomeUnknown` is true when it may have taken effect: it
    /// would have committed by itself or was the COMMIT. Inside a transaction everything is undone: false.
    case connectionLost(statement: String, outcomeUnknown: Bool)
    /// No connection became free within the acquire timeout; nothing was sent.
    case acquireTimeout
    /// As many callers as allowed wait for a connection already; nothing was sent.
    case tooManyWaiters
    /// As many calls as allowed wait in a group commit already; nothing was sent.
    case overloaded
    /// The statement ran longer than allowed. `outcomeUnknown` is false when the server confirmed that it stopped it.
    case timeout(statement: String, outcomeUnknown: Bool)
    /// The calling task was cancelled before the statement took effect.
    case cancelled
    /// The pool, the group commit or the transaction has ended; nothing was sent.
    case closed
    /// A column does not hold what was asked for, is null, or does not exist. `expected` is the asked type.
    case decoding(statement: String, column: String, expected: String)
    /// A parameter cannot be sent: too many of them, too long, or a date that is no number.
    case encoding(statement: String)
    /// Server or library behaved in a way this driver does not know; the connection was dropped.
    case protocolViolation(String)
    /// The migrations directory and the database disagree; nothing was applied for this file.
    case migration(file: String, reason: String)

    /// The write may or may not be in the database: read back before repeating it.
    package var isOutcomeUnknown: Bool {
        switch self {
        case .connectionLost(_, let isUnknown), .timeout(_, let isUnknown): isUnknown
        case .protocolViolation: true
        default: false
        }
    }

    /// The server's code when the server refused a statement, else nil.
    package var sqlState: SQLState? {
        if case .server(let state, _, _, _) = self { state } else { nil }
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .connect(let message): "cannot connect to PostgreSQL: \(message)"
        case .server(let state, let message, let statement, _): "\(statement) failed with \(state): \(message)"
        case .connectionLost(let statement, let isUnknown):
            "connection lost during \(statement)\(isUnknown ? ", outcome unknown" : "")"
        case .acquireTimeout: "no database connection became free in time"
        case .tooManyWaiters: "too many callers wait for a database connection"
        case .overloaded: "too many calls wait for the database"
        case .timeout(let statement, let isUnknown):
            "\(statement) took too long\(isUnknown ? ", outcome unknown" : " and was stopped")"
        case .cancelled: "cancelled"
        case .closed: "the database pool is closed"
        case .decoding(let statement, let column, let expected): "\(statement): column \(column) is no \(expected)"
        case .encoding(let statement): "\(statement): a parameter cannot be sent"
        case .protocolViolation(let what): "PostgreSQL protocol: \(what)"
        case .migration(let file, let reason): "migration \(file): \(reason)"
        }
    }
}
