import Domain
import Synchronization

/// Why an attempt is stopped before its end.
enum StopReason: Sendable {
    /// Somebody asked for the end of the job.
    case cancelled
    /// It took longer than it may.
    case timedOut
    /// This process stops: the job goes back to its queue.
    case drained
    /// The job is no longer this worker's: nothing the attempt does counts.
    case lost
}

/// The attempts this process runs now, so that they can be stopped from outside. A reason that was given first stays,
/// but for `lost`, which ends everything.
final class RunningAttempts: Sendable {
    private struct Entry {
        var deadline: ContinuousClock.Instant
        var reason: StopReason?
        var stop: AsyncStream<Void>.Continuation
    }

    private let entries = Mutex<[JobID: Entry]>([:])

    /// - Returns: a stream that yields once when the attempt is to stop.
    func begin(_ job: JobID, deadline: ContinuousClock.Instant) -> AsyncStream<Void> {
        let (stream, stop) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        entries.withLock { $0[job] = Entry(deadline: deadline, stop: stop) }
        return stream
    }

    /// - Returns: why it was stopped. `nil` when nobody stopped it.
    func end(_ job: JobID) -> StopReason? {
        entries.withLock { $0.removeValue(forKey: job)?.reason }
    }

    func reason(_ job: JobID) -> StopReason? { entries.withLock { $0[job]?.reason } }

    func contains(_ job: JobID) -> Bool { entries.withLock { $0[job] != nil } }

    var count: Int { entries.withLock { $0.count } }

    func stop(_ job: JobID, _ reason: StopReason) {
        entries.withLock { Self.stop(job, reason, &$0) }
    }

    func stopAll(_ reason: StopReason) {
        entries.withLock { all in for job in Array(all.keys) { Self.stop(job, reason, &all) } }
    }

    func stopOverdue(at now: ContinuousClock.Instant) {
        entries.withLock { all in
            for (job, entry) in all where entry.deadline <= now { Self.stop(job, .timedOut, &all) }
        }
    }

    private static func stop(_ job: JobID, _ reason: StopReason, _ all: inout [JobID: Entry]) {
        guard var entry = all[job] else { return }
        if entry.reason == nil || reason == .lost { entry.reason = reason }
        all[job] = entry
        entry.stop.yield()
    }
}
