import Glibc
import Synchronization

/// The calls that wait for a thread, first come first served.
///
/// @unchecked Sendable: `state` has its lock, and POSIX lets any thread post to and wait on `wakeups`
/// (https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_post.html), whose address never changes.
final class ThreadMailbox: @unchecked Sendable {
    struct Call: Sendable {
        let number: UInt64
        /// Does the work, and returns what tells the caller: by then the call counts as over.
        let run: @Sendable () -> @Sendable () -> Void
        let cancel: @Sendable () -> Void
    }

    private struct State {
        var waiting: [Call] = []
        var running = 0
        var mostRunning = 0
        var isStopped = false
    }

    private let capacity: Int
    private let state = Mutex(State())
    /// Posted once for each call that is added, and once for each thread that is to end.
    private let wakeups = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    /// - Parameter capacity: how many calls may run and wait together.
    init(capacity: Int) {
        self.capacity = capacity
        wakeups.initialize(to: sem_t())
        precondition(sem_init(wakeups, 0, 0) == 0, "no semaphore")
    }

    deinit {
        sem_destroy(wakeups)
        wakeups.deallocate()
    }

    /// False when there is no room.
    func add(_ call: Call) -> Bool {
        let isAdded = state.withLock { state in
            guard state.waiting.count + state.running < capacity else { return false }
            state.waiting.append(call)
            return true
        }
        if isAdded { sem_post(wakeups) }
        return isAdded
    }

    /// Nothing happens when it runs already, or has run.
    func cancel(_ number: UInt64) {
        let call = state.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
        }
        call?.cancel()
    }

    var load: Int { state.withLock { $0.waiting.count + $0.running } }

    /// The most calls that ever ran at once.
    var mostRunning: Int { state.withLock { $0.mostRunning } }

    /// Nobody may add any more.
    func stop(threads: Int) {
        state.withLock { $0.isStopped = true }
        for _ in 0..<threads { sem_post(wakeups) }
    }

    /// A thread's life.
    func work() {
        while true {
            while sem_wait(wakeups) != 0 { precondition(errno == EINTR, "sem_wait failed with \(errno)") }
            let (call, isStopped) = state.withLock { state -> (Call?, Bool) in
                // Empty after a cancellation, whose wake-up stays.
                guard !state.waiting.isEmpty else { return (nil, state.isStopped) }
                state.running += 1
                state.mostRunning = max(state.mostRunning, state.running)
                return (state.waiting.removeFirst(), false)
            }
            if let call {
                let tell = call.run()
                state.withLock { $0.running -= 1 }
                tell()
            } else if isStopped {
                return
            }
        }
    }
}
