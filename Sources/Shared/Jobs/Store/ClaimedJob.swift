package import Domain

/// A job that this worker runs now.
package struct ClaimedJob: Sendable {
    package var id: JobID
    package var list: ReadyList
    package var kind: JobKind
    package var payload: [UInt8]
    package var orderingKey: String?
    package var attempt: Int
    package var attemptsSpent: Int
    /// Starts that were given back.
    package var refunds: Int { attempt - attemptsSpent }
    package var maxAttempts: Int
    package var attemptTimeoutSeconds: Int
    package var concurrencyKey: String?
    package var gate: String?
    package var batch: BatchID?
    package var trace: String?
    /// Until the job's deadline, counted from the claim. `nil`: it has none.
    package var secondsLeft: Double?
    /// Between the moment it might have started and the claim, in seconds.
    package var waitedSeconds = 0.0

    package var tenant: TenantID { list.tenant }
    package var queue: QueueName { list.queue }

    package init(
        id: JobID, list: ReadyList, kind: JobKind, payload: [UInt8], orderingKey: String? = nil, attempt: Int,
        attemptsSpent: Int, maxAttempts: Int, attemptTimeoutSeconds: Int
    ) {
        self.id = id
        self.list = list
        self.kind = kind
        self.payload = payload
        self.orderingKey = orderingKey
        self.attempt = attempt
        self.attemptsSpent = attemptsSpent
        self.maxAttempts = maxAttempts
        self.attemptTimeoutSeconds = attemptTimeoutSeconds
    }
}
