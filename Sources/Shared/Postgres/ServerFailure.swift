/// What the server said about a failed statement, before it becomes a `PostgresError`.
struct ServerFailure: Sendable, Equatable {
    /// Nil when libpq made the error itself: the connection is gone.
    var state: SQLState?
    /// The server ends the session after it.
    var isFatal: Bool
    /// May quote a bound value: shown only where the state says that it does not.
    var primaryMessage: String
    var table: String?
    var column: String?
    var constraint: String?
    /// Characters from the start of the SQL text, from 1.
    var position: String?
    /// Where in the server it arose.
    var sourceFunction: String?

    /// A table changed under a prepared statement, or someone deallocated it. The server refuses such a statement
    /// before it does anything.
    var isStalePreparation: Bool {
        state == .invalidStatementName
            || (state == .featureNotSupported && sourceFunction == "RevalidateCachedQuery")
    }

    func error(statement: String) -> PostgresError {
        guard let state, !isFatal else {
            return .connectionLost(statement: statement, outcomeUnknown: true)
        }
        return .server(state, message: safeMessage(state), statement: statement, constraint: constraint)
    }

    private func safeMessage(_ state: SQLState) -> String {
        if state.hasSafeMessage {
            return primaryMessage + (position.map { " at character \($0)" } ?? "")
        }
        let places = [("table", table), ("column", column), ("constraint", constraint)]
        let named = places.compactMap { kind, name in name.map { "\(kind) \($0)" } }
        return ([Self.text(state)] + named).joined(separator: ", ")
    }

    private static func text(_ state: SQLState) -> String {
        switch state {
        case .notNullViolation: "a required value is null"
        case .foreignKeyViolation: "a foreign key does not match"
        case .uniqueViolation: "the key exists already"
        case .checkViolation: "a check constraint is violated"
        case .exclusionViolation: "it conflicts with an existing row"
        case _ where state.errorClass == "22": "a value has the wrong form or range"
        case _ where state.errorClass == "23": "an integrity constraint is violated"
        case _ where state.errorClass == "P0": "the statement raised an error"
        default: "the server refused the statement"
        }
    }
}
