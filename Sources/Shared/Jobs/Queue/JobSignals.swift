package import Domain
package import Logging
package import Redis
import ServiceLifecycle

/// Wakes whoever waits for a job. A signal carries no truth: one that is missed only costs time.
///
/// As a service it tells readers what it could not tell them while Redis was away.
package struct JobSignals: Service {
    let redis: RedisClient
    let names: RedisNames
    let logger: Logger
    private let owed = OwedSignals()

    package init(redis: RedisClient, names: RedisNames, logger: Logger) {
        self.redis = redis
        self.names = names
        self.logger = logger
    }

    /// What a notice on a job's channel is about.
    package enum Hint: String, Sendable {
        /// Its log of events grew.
        case event
        /// Its row changed.
        case state
    }

    /// Tells what is owed, until shutdown.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await owed.run(publish)
        } onGracefulShutdown: {
            owed.end()
        }
    }

    /// Tells the readers of these that their rows changed: now, or when Redis is there again.
    package func stateChanged(_ jobs: [JobID], batches: [BatchID] = []) async {
        do {
            try await tellNow(jobs, batches: batches)
        } catch {
            logger.warning("signals are late", metadata: ["jobs": "\(jobs.count)", "error": "\(error)"])
            tellLater(jobs, batches: batches)
        }
    }

    /// Throws `RedisError` when it is not known that all were told; they are forgotten then.
    func tellNow(_ jobs: [JobID], batches: [BatchID]) async throws { try await publish(channels(jobs, batches)) }

    func tellLater(_ jobs: [JobID], batches: [BatchID]) { owed.owe(channels(jobs, batches)) }

    private func channels(_ jobs: [JobID], _ batches: [BatchID]) -> [String] {
        jobs.map(names.channel) + batches.map(names.channel)
    }

    private func publish(_ channels: [String]) async throws {
        guard !channels.isEmpty else { return }
        _ = try await redis.pipeline(
            channels.map { RedisCommand(["PUBLISH", RedisWord($0), RedisWord(Hint.state.rawValue)]) })
    }

    /// Tells the worker that runs a job to cancel it.
    package func requestCancellation(of job: JobID, to worker: WorkerID) async throws {
        _ = try await redis.send(
            RedisCommand(["PUBLISH", RedisWord(names.control(worker)), RedisWord(job.description)]))
    }
}
