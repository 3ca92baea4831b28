package import Domain
package import Redis

/// Wakes whoever waits for a job. A signal carries no truth: one that is missed only costs time.
package struct JobSignals: Sendable {
    let redis: RedisClient
    let names: RedisNames

    package init(redis: RedisClient, names: RedisNames) {
        self.redis = redis
        self.names = names
    }

    /// What a notice on a job's channel is about.
    package enum Hint: String, Sendable {
        /// Its log of events grew.
        case event
        /// Its row changed.
        case state
    }

    /// Tells the readers of these jobs that their rows changed.
    package func stateChanged(_ jobs: [JobID]) async throws {
        let commands = jobs.map { job in
            RedisCommand(["PUBLISH", RedisWord(names.channel(job)), RedisWord(Hint.state.rawValue)])
        }
        _ = try await redis.pipeline(commands)
    }

    /// Tells the readers of these batches that they may have finished.
    package func stateChanged(_ batches: [BatchID]) async throws {
        guard !batches.isEmpty else { return }
        _ = try await redis.pipeline(
            batches.map { RedisCommand(["PUBLISH", RedisWord(names.channel($0)), RedisWord(Hint.state.rawValue)]) })
    }

    /// Tells the worker that runs a job to cancel it.
    package func requestCancellation(of job: JobID, to worker: WorkerID) async throws {
        _ = try await redis.send(
            RedisCommand(["PUBLISH", RedisWord(names.control(worker)), RedisWord(job.description)]))
    }
}
