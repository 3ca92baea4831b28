/// The five characters PostgreSQL gives every error.
/// Source: https://www.postgresql.org/docs/15/errcodes-appendix.html
package struct SQLState: Sendable, Hashable, CustomStringConvertible {
    package let code: String

    package init(_ code: String) { self.code = code }

    package var description: String { code }
    /// The first two characters.
    package var errorClass: String { String(code.prefix(2)) }

    package static let notNullViolation = SQLState("23502")
    package static let foreignKeyViolation = SQLState("23503")
    package static let uniqueViolation = SQLState("23505")
    package static let checkViolation = SQLState("23514")
    package static let exclusionViolation = SQLState("23P01")
    package static let inFailedTransaction = SQLState("25P02")
    package static let serializationFailure = SQLState("40001")
    package static let deadlockDetected = SQLState("40P01")
    package static let insufficientPrivilege = SQLState("42501")
    package static let undefinedTable = SQLState("42P01")
    package static let tooManyConnections = SQLState("53300")
    package static let lockNotAvailable = SQLState("55P03")
    package static let queryCanceled = SQLState("57014")
    package static let adminShutdown = SQLState("57P01")

    static let featureNotSupported = SQLState("0A000")
    static let invalidStatementName = SQLState("26000")

    /// The values of the call are at fault, not the server's condition: the same call fails again, its neighbours in a
    /// batch need not. Cardinality (two inputs of one batch meet one row), data, integrity, WITH CHECK OPTION.
    package var isDataError: Bool { ["21", "22", "23", "44"].contains(errorClass) }

    /// Whether the server's primary message of this state names only identifiers, never a bound value. Messages of
    /// class 22 echo the value ("invalid input syntax for type uuid: …"); P0 and XX may hold anything.
    var hasSafeMessage: Bool {
        ["08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "57"].contains(errorClass)
            || self == .lockNotAvailable
    }
}
