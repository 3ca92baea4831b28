package import Domain

/// The names of Errand's keys and channels in Redis, all below one prefix. Keys of one queue, and keys of one job,
/// share a hash tag, so that a script's keys live on one node of a cluster.
package struct RedisNames: Sendable {
    package var prefix: String

    package init(prefix: String) { self.prefix = prefix }

    /// Lists of job ids ready to be taken, one for each tenant and priority: pushed left, taken right. A list's name is
    /// this prefix, the tenant, a colon and the priority.
    package func readyPrefix(_ queue: QueueName) -> String { "\(prefix):{\(queue)}:ready:" }
    package func ready(_ list: ReadyList) -> String {
        "\(readyPrefix(list.queue))\(list.tenant):\(list.priority.rawValue)"
    }
    /// Sorted set of tenants by the virtual time of their next turn.
    package func turns(_ queue: QueueName) -> String { "\(prefix):{\(queue)}:turns" }
    /// Hash of tenants' weights, and the virtual time reached.
    package func shares(_ queue: QueueName) -> String { "\(prefix):{\(queue)}:shares" }
    /// Hash of tenants that are held back for a while.
    package func holds(_ queue: QueueName) -> String { "\(prefix):{\(queue)}:holds" }
    /// Hash of lists that could not take all that waits.
    package func spilled(_ queue: QueueName) -> String { "\(prefix):{\(queue)}:spilled" }
    /// Hash of the place in the table up to which spilled lists were fed.
    package func fed(_ queue: QueueName) -> String { "\(prefix):{\(queue)}:fed" }
    /// List on which idle workers wait.
    package func bell(_ queue: QueueName) -> String { "\(prefix):{\(queue)}:bell" }
    /// List of what a worker took and has not claimed yet.
    package func taken(_ queue: QueueName, by worker: WorkerID) -> String { "\(prefix):{\(queue)}:taken:\(worker)" }
    /// Stream of a job's events.
    package func events(_ job: JobID) -> String { "\(prefix):{\(job)}:events" }
    /// Channel that wakes a job's readers: `event` or `state`.
    package func channel(_ job: JobID) -> String { "\(prefix):job:\(job)" }
    /// Channel that wakes a batch's readers: `state`.
    package func channel(_ batch: BatchID) -> String { "\(prefix):batch:\(batch)" }
    /// Channel that wakes whoever waits for a change of something that jobs change: `state`.
    package func channel(_ topic: Topic) -> String { "\(prefix):topic:\(topic.rawValue)" }
    /// Channel on which a worker hears which of its jobs to cancel: a job id.
    package func control(_ worker: WorkerID) -> String { "\(prefix):worker:\(worker)" }
    /// Channel on which every worker hears that ops changed something.
    package var changes: String { "\(prefix):changes" }
    /// Channel on which every gateway hears whose account, sessions, roles or keys changed.
    package var standings: String { "\(prefix):standings" }
}
