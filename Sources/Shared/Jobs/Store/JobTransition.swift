package import Domain

/// A job that stopped running, or stopped waiting to, and the state it has now.
package struct JobTransition: Sendable {
    package var job: QueuedJob
    package var state: JobState
    package var orderingKey: String?
    package var concurrencyKey: String?
    package var batch: BatchID?

    package init(
        job: QueuedJob, state: JobState, orderingKey: String? = nil, concurrencyKey: String? = nil,
        batch: BatchID? = nil
    ) {
        self.job = job
        self.state = state
        self.orderingKey = orderingKey
        self.concurrencyKey = concurrencyKey
        self.batch = batch
    }

    init(_ job: ClaimedJob, _ state: JobState) {
        self.init(
            job: QueuedJob(id: job.id, list: job.list), state: state, orderingKey: job.orderingKey,
            concurrencyKey: job.concurrencyKey, batch: job.batch)
    }
}
