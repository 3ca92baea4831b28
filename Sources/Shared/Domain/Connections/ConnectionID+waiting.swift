extension Identifier where Subject == ConnectionSubject {
    /// What a job waits for whose connection needs a person: `Failure.waitsFor`.
    package var awaited: String { "connection:\(self)" }

    /// Renewals of one connection run one after the other.
    package var orderingKey: String { ReservedKey.renewal.of(self) }
}

extension Failure {
    /// The account has to be connected again before the job can go on.
    package static func needsReconnect(_ connection: ConnectionID, code: String = "needs_reconnect") -> Failure {
        var failure = Failure(.needsReconnect, code: code, message: "The account has to be connected again.")
        failure.waitsFor = connection.awaited
        return failure
    }
}
