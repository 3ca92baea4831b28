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

    /// Hands over what may run now, and then tells the readers of these jobs, batches and topics that rows changed.
    /// Nobody waits for a Redis that failed a moment ago: then, and when it fails now, readers are told when it is
    /// back. Never throws: the rows are right whatever happens here.
    /// - Parameter handOver: what it does not do is for the reconciler to find.
    package func announce(
        _ jobs: [JobID], batches: [BatchID] = [], topics: [Topic] = [], through fuse: Fuse,
        after handOver: () async throws -> Void = {}
    ) async {
        let channels = jobs.map(names.channel) + batches.map(names.channel) + topics.map(names.channel)
        var isTold = false
        do {
            isTold = try await fuse.run {
                try await handOver()
                try await publish(channels)
            }
        } catch {
            logger.warning("signals are late", metadata: ["jobs": "\(jobs.count)", "error": "\(error)"])
        }
        if !isTold { owed.owe(channels) }
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
