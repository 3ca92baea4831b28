import Domain
import Logging
import Redis
import ServiceLifecycle

/// One registration of a worker process, from its first take to its end.
struct WorkerLife: Sendable {
    private enum Ended: Sendable { case attempts, taking, belief, helper }

    private let service: WorkerService
    private let worker: WorkerID
    private let running = RunningAttempts()
    private let slots: Slots
    private let heartbeat: Heartbeat
    private let logger: Logger

    init(service: WorkerService, worker: WorkerID, registered: ContinuousClock.Instant) {
        self.service = service
        self.worker = worker
        var logger = service.logger
        logger[metadataKey: "worker"] = "\(worker)"
        self.logger = logger
        slots = Slots(service.configuration.concurrency)
        heartbeat = Heartbeat(
            worker: worker, registered: registered, registry: service.registry, rescuer: service.rescuer,
            running: running, living: service.living, timings: service.configuration.timings, logger: logger)
    }

    /// Returns when every attempt has ended: after a shutdown, or because this worker is not believed any more.
    func run() async {
        // Not bounded by itself: a job enters only with a slot.
        let (jobs, feed) = AsyncStream.makeStream(of: [ClaimedJob].self)
        let (stop, stopTaking) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let isLost = await withTaskGroup(of: Ended.self) { group in
            group.addTask {
                await runAttempts(jobs)
                return .attempts
            }
            group.addTask {
                await take(into: feed, until: stop)
                feed.finish()
                return .taking
            }
            group.addTask {
                await heartbeat.run {
                    stopTaking.yield()
                    running.stopAll(.lost)
                }
                return .belief
            }
            group.addTask {
                await listen()
                return .helper
            }
            group.addTask {
                await service.settings.run(service.subscriber, channel: service.names.changes)
                return .helper
            }
            group.addTask {
                await tell()
                return .helper
            }
            group.addTask {
                await drain(stopTaking)
                return .helper
            }
            var isLost = false
            for await ended in group {
                if ended == .belief { isLost = true }
                // What was still being claimed when belief ended.
                if isLost { running.stopAll(.lost) }
                if ended == .attempts { break }
            }
            group.cancelAll()
            return isLost
        }
        await leave(isLost: isLost)
    }

    private func runAttempts(_ claims: AsyncStream<[ClaimedJob]>) async {
        let attempt = Attempt(
            handlers: service.handlers, settler: service.settler, events: service.events, running: running,
            policy: service.configuration.policy, measures: service.measures, trace: service.configuration.trace,
            logger: logger)
        await withDiscardingTaskGroup { group in
            for await jobs in claims {
                for job in jobs {
                    group.addTask {
                        await attempt.run(job, worker: worker)
                        slots.give(1)
                    }
                }
            }
        }
    }

    private func take(into feed: AsyncStream<[ClaimedJob]>.Continuation, until stop: AsyncStream<Void>) async {
        await withTaskGroup(of: Void.self) { group in
            for name in service.configuration.queues {
                guard let blocking = service.blocking[name] else { preconditionFailure("no connection for \(name)") }
                let taker = Taker(
                    queueName: name, worker: worker, queue: service.queue, store: service.store,
                    feeder: service.feeder, settings: service.settings, slots: slots, blocking: blocking,
                    consumption: service.consumption, logger: logger)
                group.addTask { await taker.run { feed.yield($0) } }
            }
            group.addTask { for await _ in stop { break } }
            await group.next()
            group.cancelAll()
        }
    }

    /// On shutdown: no more taking at once, and no more waiting for attempts after the grace.
    private func drain(_ stopTaking: AsyncStream<Void>.Continuation) async {
        do {
            try await gracefulShutdown()
            logger.info("draining", metadata: ["attempts": "\(running.count)"])
            stopTaking.yield()
            try await Task.sleep(for: service.configuration.drainGrace)
            running.stopAll(.drained)
        } catch {
            // Cancelled: everything has ended before the grace did.
        }
    }

    /// Writes what this worker did in the last minute, for whoever looks at the queues.
    private func tell() async {
        var told: [UInt8] = []
        while !Task.isCancelled {
            let report = service.measures.recent.report()
            do {
                if report != told { try await service.registry.tell(report, of: worker) }
                told = report
            } catch {
                logger.debug("recent work not told", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(RecentWork.slotSeconds))
        }
    }

    /// Hears which jobs to cancel. What is missed here, the heartbeat finds in the rows.
    private func listen() async {
        while !Task.isCancelled {
            do {
                for try await notice in try await service.subscriber.subscribe(service.names.control(worker)) {
                    guard case .message(let bytes) = notice, let job = JobID(String(decoding: bytes, as: UTF8.self))
                    else { continue }
                    running.stop(job, .cancelled)
                }
            } catch {
                logger.debug("control channel away", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    private func leave(isLost: Bool) async {
        do {
            for name in service.configuration.queues { _ = try await service.queue.giveBack(queue: name, by: worker) }
            // Running rows without a registered worker are rescued: also those of a life that was lost.
            try await service.registry.retire(worker)
            if isLost { try await service.rescuer.rescue() }
        } catch {
            logger.error("could not sign off; the others will notice", metadata: ["error": "\(error)"])
        }
    }
}
