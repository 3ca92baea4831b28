import Domain
import Logging
import ServiceLifecycle

/// Calls the rescuer and the feeder again and again, until shutdown. What many workers need not do all the time is done
/// about once a second by all of them together: each waits the longer, the more there are.
package struct Reconciler: Service {
    let rescuer: Rescuer
    let feeder: Feeder
    let living: LivingWorkers
    let scheduler: Scheduler
    let store: JobStore
    let retention: Retention
    let queues: [QueueName]
    let timings: WorkerTimings
    let logger: Logger

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await repeatedly(every: .milliseconds(100), "promote") { try await rescuer.promote() } }
                group.addTask { await repeatedly(every: .milliseconds(200), "fire") { try await scheduler.fireDue() } }
                group.addTask { await repeatedly(every: .seconds(1), "rescue") { try await rescuer.rescue() } }
                group.addTask {
                    await repeatedly(every: .seconds(1), "return") { try await rescuer.returnTaken() }
                }
                group.addTask { await repeatedly(every: .seconds(1), "expire") { try await rescuer.expire() } }
                group.addTask {
                    await repeatedly(every: .seconds(1), "batches") { try await rescuer.finishBatches() }
                }
                group.addTask {
                    await repeatedly(every: .seconds(600), "prune keys") { _ = try await store.pruneKeys() }
                }
                group.addTask { await retention.run() }
                for name in queues { group.addTask { await scan(name) } }
            }
        }
    }

    private func scan(_ name: QueueName) async {
        var round = Feeder.Round()
        let grace = Int(timings.missingGrace / .milliseconds(1))
        while !Task.isCancelled {
            do {
                try await feeder.scan(name, &round, graceMilliseconds: grace)
            } catch {
                report("scan", error)
            }
            try? await Task.sleep(for: living.pause(.seconds(1)))
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
            try? await Task.sleep(for: living.pause(pause))
        }
    }

    private func report(_ work: String, _ error: any Error) {
        guard !(error is CancellationError), !Task.isCancelled else { return }
        logger.error("reconciling failed", metadata: ["work": "\(work)", "error": "\(error)"])
    }
}
