package import Domain
package import Logging
import Redis
import Synchronization

/// The settings of ops as this process knows them.
package final class SettingsWatch: Sendable {
    private let store: JobStore
    private let queue: JobQueue
    private let queues: [QueueName]
    private let logger: Logger
    private let current = Mutex(EngineSettings())

    /// - Parameter queues: those this process serves.
    package init(store: JobStore, queue: JobQueue, queues: [QueueName], logger: Logger) {
        self.store = store
        self.queue = queue
        self.queues = queues
        self.logger = logger
    }

    package var now: EngineSettings { current.withLock { $0 } }

    /// How long a change takes to be known when the signal for it is lost.
    static let readEvery = Duration.seconds(1)
    /// How often weights are written to Redis again, which may have lost them.
    static let weightsEvery = 5

    /// Reads them again and again, and at once when told, until cancelled.
    func run(_ subscriber: RedisSubscriber, channel: String) async {
        let (bell, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.listen(subscriber, channel) { ring.yield() } }
            group.addTask {
                while !Task.isCancelled {
                    ring.yield()
                    try? await Task.sleep(for: Self.readEvery)
                }
                ring.finish()
            }
            var round = 0
            for await _ in bell {
                await read(writesWeights: round % Self.weightsEvery == 0)
                round += 1
            }
            group.cancelAll()
        }
    }

    /// Before the first job is taken.
    func read(writesWeights: Bool = true) async {
        do {
            let settings = try await store.settings()
            let before = current.withLock { current in
                defer { current = settings }
                return current
            }
            guard before.weights != settings.weights || (writesWeights && !settings.weights.isEmpty) else { return }
            for name in queues { try await queue.setWeights(settings.weights, queue: name) }
        } catch {
            guard !Task.isCancelled else { return }
            logger.error("settings not read", metadata: ["error": "\(error)"])
        }
    }

    private func listen(_ subscriber: RedisSubscriber, _ channel: String, _ changed: @Sendable () -> Void) async {
        while !Task.isCancelled {
            do {
                for try await _ in try await subscriber.subscribe(channel) { changed() }
            } catch {
                logger.debug("no word of changes", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }
}
