package import Domain
package import Logging
import ServiceLifecycle

/// Calls the rescuer again and again, until shutdown.
package struct Reconciler: Service {
    let rescuer: Rescuer
    let store: JobStore
    let queues: [QueueName]
    let timings: WorkerTimings
    let logger: Logger

    package init(rescuer: Rescuer, queues: [QueueName], timings: WorkerTimings, logger: Logger) {
        self.rescuer = rescuer
        self.store = rescuer.store
        self.queues = queues
        self.timings = timings
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await repeatedly(every: .milliseconds(100), "promote") { try await rescuer.promote() } }
                group.addTask { await repeatedly(every: .seconds(1), "rescue") { try await rescuer.rescue() } }
                group.addTask {
                    await repeatedly(every: .seconds(600), "prune keys") { _ = try await store.pruneKeys() }
                }
                for name in queues { group.addTask { await scan(name) } }
            }
        }
    }

    private func scan(_ name: QueueName) async {
        var position = 0
        let grace = Int(timings.missingGrace / .milliseconds(1))
        while !Task.isCancelled {
            do {
                try await rescuer.scan(name, from: &position, graceMilliseconds: grace)
            } catch {
                report("scan", error)
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func repeatedly(every pause: Duration, _ name: String, _ work: () async throws -> Void) async {
        while !Task.isCancelled {
            do {
                try await work()
            } catch {
                report(name, error)
                try? await Task.sleep(for: .seconds(1))
            }
            try? await Task.sleep(for: pause)
        }
    }

    private func report(_ work: String, _ error: any Error) {
        guard !(error is CancellationError), !Task.isCancelled else { return }
        logger.error("reconciling failed", metadata: ["work": "\(work)", "error": "\(error)"])
    }
}
