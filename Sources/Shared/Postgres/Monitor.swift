import Glibc

/// State behind a lock, with one condition to wait on. `Synchronization.Mutex` has no condition variable.
///
/// @unchecked Sendable: `state` is only touched while `mutex` is held; both pointers are set once, in `init`.
final class Monitor<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ state: sending State) {
        self.state = state
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        check(pthread_condattr_init(&attributes))
        check(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC))
        check(pthread_mutex_init(mutex, nil))
        check(pthread_cond_init(condition, &attributes))
        check(pthread_condattr_destroy(&attributes))
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<Result, Failure: Error>(_ body: (inout State) throws(Failure) -> Result) throws(Failure) -> Result {
        check(pthread_mutex_lock(mutex))
        defer { check(pthread_mutex_unlock(mutex)) }
        return try body(&state)
    }

    /// Sleeps until `body`, asked under the lock after every signal, gives an answer.
    func wait<Answer>(for body: (inout State) -> Answer?) -> Answer {
        check(pthread_mutex_lock(mutex))
        defer { check(pthread_mutex_unlock(mutex)) }
        while true {
            if let answer = body(&state) { return answer }
            check(pthread_cond_wait(condition, mutex))
        }
    }

    /// Wakes the one thread that sleeps in `wait` or `sleep`.
    func signal() { check(pthread_cond_signal(condition)) }

    /// Sleeps until `signal` or the moment `until` names, whichever is first. `until` is asked under the lock; `nil`
    /// means not to sleep at all. Wakes may be spurious.
    func sleep(until: (inout State) -> Deadline?) {
        check(pthread_mutex_lock(mutex))
        defer { check(pthread_mutex_unlock(mutex)) }
        guard let deadline = until(&state) else { return }
        if deadline == .never {
            check(pthread_cond_wait(condition, mutex))
        } else {
            var time = deadline.time
            let code = pthread_cond_timedwait(condition, mutex, &time)
            if code != ETIMEDOUT { check(code) }
        }
    }

    /// These calls fail only when misused.
    private func check(_ code: Int32) { precondition(code == 0, "pthread call failed with \(code)") }
}
