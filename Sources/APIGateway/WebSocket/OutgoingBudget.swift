/// How much may wait to be sent: whoever sends waits for room, one after the other. Holds continuations, and belongs
/// inside a lock; the caller resumes what it is handed after the lock.
struct OutgoingBudget {
    typealias Waiter = CheckedContinuation<Bool, Never>

    let maxBytes: Int
    private(set) var bytes = 0
    private var waiters: [(id: Int, bytes: Int, continuation: Waiter)] = []
    private var isClosed = false

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// Room there is at once. One message may go over the bound, or none larger than it would ever go.
    /// - Returns: `nil`: wait.
    mutating func take(_ count: Int) -> Bool? {
        if isClosed { return false }
        guard bytes < maxBytes, waiters.isEmpty else { return nil }
        bytes += count
        return true
    }

    mutating func wait(_ id: Int, for count: Int, _ continuation: Waiter) {
        waiters.append((id, count, continuation))
    }

    /// - Returns: who waited under this name, if it still does.
    mutating func giveUp(_ id: Int) -> Waiter? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index).continuation
    }

    /// Bytes have left.
    /// - Returns: who may send now.
    mutating func sent(_ count: Int) -> [Waiter] {
        bytes -= count
        var next = 0
        while next < waiters.count, bytes < maxBytes {
            bytes += waiters[next].bytes
            next += 1
        }
        defer { waiters.removeFirst(next) }
        return waiters.prefix(next).map(\.continuation)
    }

    /// Nothing more is sent.
    /// - Returns: who waited in vain.
    mutating func close() -> [Waiter] {
        isClosed = true
        defer { waiters = [] }
        return waiters.map(\.continuation)
    }
}
