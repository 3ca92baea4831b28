package import FoundationEssentials

/// A job as its tenant may see it: the row, read at one moment.
package struct Job: Sendable {
    package var id: JobID
    package var tenant: TenantID
    package var queue: QueueName
    package var kind: JobKind
    package var state: JobState
    /// Counts every start; it is the fence and the epoch of the stream, so it never goes down.
    package var attempt: Int
    /// Starts that count against `maxAttempts`: a drain or a snooze gives its start back.
    package var attemptsSpent: Int
    package var maxAttempts: Int
    package var createdAt: Date
    package var runAt: Date
    package var startedAt: Date?
    package var finishedAt: Date?
    package var cancelRequested: Bool
    /// A JSON value, UTF-8. `nil` until the job has succeeded, or was cancelled with partial output.
    package var result: [UInt8]?
    package var failure: Failure?
    /// The last event of the final attempt, so that a reader knows when it has everything. `nil` before the end.
    package var lastSequence: Int?
    package var priority: JobPriority
    package var batch: BatchID?
    package var parent: JobID?
    /// How far the current attempt says it is: a JSON object with `fraction` (0 to 1) and `note`, either may be
    /// missing.
    package var progress: [UInt8]?
    /// How often a person brought it back from its end.
    package var retries: Int
    package var isDiscarded: Bool

    package init(
        id: JobID, tenant: TenantID, queue: QueueName, kind: JobKind, state: JobState, attempt: Int = 0,
        attemptsSpent: Int = 0, maxAttempts: Int, createdAt: Date, runAt: Date, startedAt: Date? = nil,
        finishedAt: Date? = nil, cancelRequested: Bool = false, result: [UInt8]? = nil, failure: Failure? = nil,
        lastSequence: Int? = nil, priority: JobPriority = .normal, batch: BatchID? = nil, parent: JobID? = nil,
        progress: [UInt8]? = nil, retries: Int = 0, isDiscarded: Bool = false
    ) {
        self.id = id
        self.tenant = tenant
        self.queue = queue
        self.kind = kind
        self.state = state
        self.attempt = attempt
        self.attemptsSpent = attemptsSpent
        self.maxAttempts = maxAttempts
        self.createdAt = createdAt
        self.runAt = runAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.cancelRequested = cancelRequested
        self.result = result
        self.failure = failure
        self.lastSequence = lastSequence
        self.priority = priority
        self.batch = batch
        self.parent = parent
        self.progress = progress
        self.retries = retries
        self.isDiscarded = isDiscarded
    }
}
