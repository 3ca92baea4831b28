package import Domain

/// The names of Errand's keys and channels in Redis, all below one prefix. Keys of one queue, and keys of one job,
/// share
/// a hash tag, so that a script's keys live on one node of a cluster.
package struct RedisNames: Sendable {
    package var prefix: String

    package init(prefix: String) { self.prefix = prefix }

    /// List of job ids ready to be taken; pushed left, taken right.
    package func ready(_ queue: QueueName) -> String { "\(prefix):{\(queue)}:ready" }
    /// Set of job ids that are in the ready list or in some worker's taken list.
    package func known(_ queue: QueueName) -> String { "\(prefix):{\(queue)}:known" }
    /// List of job ids a worker took and has not claimed yet.
    package func taken(_ queue: QueueName, by worker: WorkerID) -> String { "\(prefix):{\(queue)}:taken:\(worker)" }
    /// Stream of a job's events.
    package func events(_ job: JobID) -> String { "\(prefix):{\(job)}:events" }
    /// Channel that wakes a job's readers: `event` or `state`.
    package func channel(_ job: JobID) -> String { "\(prefix):job:\(job)" }
    /// Channel on which a worker hears which of its jobs to cancel: a job id.
    package func control(_ worker: WorkerID) -> String { "\(prefix):worker:\(worker)" }
}
