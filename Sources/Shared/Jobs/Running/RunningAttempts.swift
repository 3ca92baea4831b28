import Domain
import Synchronization

/// Why an attempt is stopped before its end.
enum StopReason: Sendable {
    /// Somebody asked for the end of the job.
    case cancelled
    /// It took longer than an attempt may.
    case timedOut
    /// The job's own deadline has passed.
    case overdue
    /// This process stops: the job goes back to its queue.
    case drained
    /// The job is no longer this worker's: nothing the attempt does counts.
    case lost
}

/// Names one attempt.
struct AttemptID: Hashable, Sendable {
    var job: JobID
    var attempt: Int
}

/// The attempts this process runs now, so that they can be stopped from outside. A reason that was given first stays,
/// but for `lost`, which ends everything.
final class RunningAttempts: Sendable {
    private struct Entry {
        var deadline: ContinuousClock.Instant
        /// The deadline is the job's own, not that of every attempt.
        var isJobDeadline: Bool
        var reason: StopReason?
        var task: CancellableTask?
    }

    private let entries = Mutex<[AttemptID: Entry]>([:])

    func begin(_ id: AttemptID, deadline: ContinuousClock.Instant, isJobDeadline: Bool = false) {
        entries.withLock { $0[id] = Entry(deadline: deadline, isJobDeadline: isJobDeadline) }
    }

    func end(_ id: AttemptID) { entries.withLock { $0[id] = nil } }

    /// Runs a body that is cancelled when its attempt is stopped; at once, if that has happened already. Called in a
    /// task of the body's own.
    func whileStoppable<Value>(_ id: AttemptID, _ body: () async throws -> Value) async throws -> Value {
        let isStopped = entries.withLock { entries in
            entries[id]?.task = CancellableTask()
            return entries[id]?.reason != nil
        }
        defer { entries.withLock { $0[id]?.task = nil } }
        if isStopped { throw CancellationError() }
        return try await body()
    }

    func reason(_ id: AttemptID) -> StopReason? { entries.withLock { $0[id]?.reason } }

    func contains(_ id: AttemptID) -> Bool { entries.withLock { $0[id] != nil } }

    var count: Int { entries.withLock { $0.count } }

    /// Stops whatever attempts of a job run here.
    func stop(_ job: JobID, _ reason: StopReason) {
        entries.withLock { all in for id in all.keys where id.job == job { Self.stop(id, reason, &all) } }
    }

    func stopAll(_ reason: StopReason) {
        entries.withLock { all in for id in Array(all.keys) { Self.stop(id, reason, &all) } }
    }

    func stopOverdue(at now: ContinuousClock.Instant) {
        entries.withLock { all in
            for (id, entry) in all where entry.deadline <= now && entry.reason == nil {
                Self.stop(id, entry.isJobDeadline ? .overdue : .timedOut, &all)
            }
        }
    }

    private static func stop(_ id: AttemptID, _ reason: StopReason, _ all: inout [AttemptID: Entry]) {
        guard var entry = all[id] else { return }
        if entry.reason == nil || reason == .lost { entry.reason = reason }
        all[id] = entry
        entry.task?.cancel()
    }
}

/// The task it was made in.
///
/// `@unchecked`: of a task from outside only `cancel` is called, which is safe from any thread while the task lives; it
/// lives as long as its entry has this, because it takes it out, under the same lock, before it ends.
private struct CancellableTask: @unchecked Sendable {
    private let task: UnsafeCurrentTask?

    init() { task = withUnsafeCurrentTask { $0 } }

    func cancel() { task?.cancel() }
}
