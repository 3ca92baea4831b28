import Domain
import Metrics
import Synchronization

/// What is counted for every attempt, by queue and kind. The metrics are looked up once, not once an attempt.
final class AttemptMeasures: Sendable {
    private struct Key: Hashable {
        var queue: QueueName
        var kind: JobKind
        var state: JobState?
    }

    private struct Work {
        var seconds: Timer
        var wait: Timer
    }

    /// Attempts that run now.
    let running = Atomic<Int>(0)
    /// For the rates of queues and tenants.
    let recent = RecentWork()
    private let counters = Mutex<[Key: Counter]>([:])
    private let works = Mutex<[Key: Work]>([:])

    /// - Parameter state: the job's state now; `nil`: the attempt was not believed.
    func ended(_ job: ClaimedJob, _ state: JobState?, after duration: Duration) {
        let key = Key(queue: job.queue, kind: job.kind, state: state)
        let counter = counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let counter = Counter(
                label: "errand_attempts_total",
                dimensions: [
                    ("queue", job.queue.rawValue), ("kind", job.kind.rawValue), ("state", state?.rawValue ?? "lost"),
                ])
            counters[key] = counter
            return counter
        }
        counter.increment()
        if let state { recent.ended(job.queue, job.tenant, state) }
        let work = work(Key(queue: job.queue, kind: job.kind))
        work.seconds.recordNanoseconds(Int64(clamping: duration / .nanoseconds(1)))
        work.wait.recordNanoseconds(Int64(job.waitedSeconds * 1e9))
    }

    private func work(_ key: Key) -> Work {
        works.withLock { works in
            if let work = works[key] { return work }
            let dimensions = [("queue", key.queue.rawValue), ("kind", key.kind.rawValue)]
            let work = Work(
                seconds: Timer(label: "errand_attempt_seconds", dimensions: dimensions),
                wait: Timer(label: "errand_job_wait_seconds", dimensions: dimensions))
            works[key] = work
            return work
        }
    }
}

extension Int64 {
    fileprivate init(clamping value: Double) {
        self = value.isFinite ? Int64(exactly: value.rounded()) ?? .max : .max
    }
}
