import CHiredis
import Glibc
import Synchronization
import Threads

/// What the outside holds of the thread that owns a connection: start it once, ask it to stop, wait for its end.
final class ConnectionThread: Sendable {
    enum StopRequest: UInt8, Comparable {
        case none, afterPending, atOnce
        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var hasEnded = false
        var stop = StopRequest.none
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let name: String
    let wakeup = Wakeup()
    private let isStarted = Atomic(false)
    private let state = Mutex(State())

    /// `name` shows in ps and top; Linux keeps 15 characters.
    init(name: String) { self.name = name }

    var stopRequest: StopRequest { state.withLock { $0.stop } }

    /// Runs `body` on a thread of its own. Does nothing when called again. False when there is no thread to be had.
    func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        if isStarted.load(ordering: .relaxed) { return true }
        guard !isStarted.exchange(true, ordering: .relaxed) else { return true }
        do throws(NoThread) {
            try DetachedThread.start(name) {
                body()
                self.end()
            }
            return true
        } catch {
            end()
            return false
        }
    }

    /// A stop that was asked for is never taken back, only made more urgent.
    func stop(_ request: StopRequest) {
        state.withLock { $0.stop = max($0.stop, request) }
        wakeup.ring()
    }

    /// Returns when the thread has ended and everything it held is closed.
    func ended() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    private func end() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
