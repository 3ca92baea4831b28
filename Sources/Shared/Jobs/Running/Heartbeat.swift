import Domain
import Logging
import Synchronization

/// Keeps one worker alive in the eyes of the others, watches them, and ends this worker's life in time when it cannot
/// make itself heard.
final class Heartbeat: Sendable {
    let worker: WorkerID
    private let registry: WorkerRegistry
    private let rescuer: Rescuer
    private let running: RunningAttempts
    private let living: LivingWorkers
    private let timings: WorkerTimings
    private let logger: Logger
    /// When the last beat that arrived was *sent*.
    private let lastBeat: Mutex<ContinuousClock.Instant>

    /// - Parameter registered: when the registration was sent.
    init(
        worker: WorkerID, registered: ContinuousClock.Instant, registry: WorkerRegistry, rescuer: Rescuer,
        running: RunningAttempts, living: LivingWorkers, timings: WorkerTimings, logger: Logger
    ) {
        self.worker = worker
        self.registry = registry
        self.rescuer = rescuer
        self.running = running
        self.living = living
        self.timings = timings
        self.logger = logger
        lastBeat = Mutex(registered)
    }

    /// Runs until this worker must stop believing in itself, or until cancelled.
    /// - Parameter lost: called at once in the first case, before anything is waited for: a call to the store that
    ///   hangs
    ///   must not hold up the stop.
    func run(lost: @escaping @Sendable () -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { if await self.beat() { lost() } }
            group.addTask { if await self.watchSelf() { lost() } }
            group.addTask { await self.watchPeers() }
            group.addTask { await self.watchStrays() }
            await group.next()
            group.cancelAll()
        }
    }

    /// True when the others have buried this worker.
    private func beat() async -> Bool {
        while !Task.isCancelled {
            let sent = ContinuousClock.now
            do {
                guard try await registry.beat(worker) else {
                    logger.error("this worker was declared dead")
                    return true
                }
                lastBeat.withLock { $0 = sent }
                for job in try await registry.cancelRequests(worker) { running.stop(job, .cancelled) }
            } catch {
                report("beat", error)
            }
            try? await Task.sleep(until: sent + timings.beatEvery, clock: .continuous)
        }
        return false
    }

    /// True when no beat has arrived for too long: a call that hangs must not keep a dead worker believing.
    private func watchSelf() async -> Bool {
        while !Task.isCancelled {
            try? await Task.sleep(for: timings.lookEvery / 2)
            let now = ContinuousClock.now
            running.stopOverdue(at: now)
            guard now - lastBeat.withLock({ $0 }) < timings.stopSelfAfter else {
                logger.error("the store cannot be reached: stopping all attempts")
                return true
            }
        }
        return false
    }

    /// Gives back jobs that are this worker's by their rows while nothing here runs them: a claim that went through
    /// although its answer was lost. Two looks in a row must agree, so that one that is just starting is let be.
    private func watchStrays() async {
        var suspects = Set<JobStore.Held>()
        while !Task.isCancelled {
            try? await Task.sleep(for: timings.lookEvery * 8)
            do {
                let held = try await rescuer.store.held(by: worker, forMilliseconds: 2000)
                let strays = Set(held.filter { !running.contains(AttemptID(job: $0.id, attempt: $0.attempt)) })
                try await rescuer.giveBack(strays.intersection(suspects), of: worker)
                suspects = strays
            } catch {
                report("strays", error)
            }
        }
    }

    private func watchPeers() async {
        var watch = PeerWatch(deadAfter: timings.deadAfter, longestGap: timings.lookEvery * 4)
        while !Task.isCancelled {
            let asked = ContinuousClock.now
            do {
                let peers = try await registry.peers(of: worker)
                living.note(peers.count + 1)
                for peer in watch.look(peers, at: asked) { try await rescuer.bury(peer) }
            } catch {
                report("watch", error)
            }
            try? await Task.sleep(until: asked + timings.lookEvery, clock: .continuous)
        }
    }

    private func report(_ work: String, _ error: any Error) {
        guard !(error is CancellationError), !Task.isCancelled else { return }
        logger.error("heartbeat failed", metadata: ["work": "\(work)", "error": "\(error)"])
    }
}
