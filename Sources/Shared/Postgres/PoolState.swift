/// Who may use which connection: a pure machine, event in, decision out. It does no I/O and reads no clock.
///
/// A slot is a connection that is open, being opened, or in use. `Ticket` is whatever resumes a waiting caller.
struct PoolState<Connection, Ticket> {
    typealias Grant = PoolGrant<Connection>

    enum Acquisition {
        case granted(Grant)
        case wait
        case refused(PostgresError)
    }

    typealias Resumption = (ticket: Ticket, outcome: Result<Grant, PostgresError>)

    private struct Waiter {
        let ticket: Ticket
        let deadline: Deadline
    }

    let size: Int
    let maxWaiters: Int
    private(set) var idle: [Connection] = []
    private(set) var slotsTaken = 0
    private(set) var isClosed = false
    private var waiters = WaitQueue<Waiter>()
    private var failedOpens = 0
    private var retryAt = Deadline(nanoseconds: 0)
    private var lastOpenError: PostgresError?

    init(size: Int, maxWaiters: Int) {
        self.size = size
        self.maxWaiters = maxWaiters
    }

    var waiting: Int { waiters.count }
    var isDrained: Bool { isClosed && slotsTaken == 0 }

    /// When `tick` has something to do next.
    var nextTick: Deadline? {
        guard let first = waiters.first else { return nil }
        return slotsTaken < size ? min(first.deadline, retryAt) : first.deadline
    }

    /// The newest idle connection first: the others may rest.
    mutating func acquire(now: Deadline) -> Acquisition {
        if isClosed { return .refused(.closed) }
        if waiters.isEmpty {
            if let connection = idle.popLast() { return .granted(.connection(connection)) }
            if slotsTaken < size, now >= retryAt {
                slotsTaken += 1
                return .granted(.slot)
            }
        }
        return waiters.count < maxWaiters ? .wait : .refused(.tooManyWaiters)
    }

    mutating func enqueue(_ ticket: Ticket, number: UInt64, deadline: Deadline) {
        waiters.append(Waiter(ticket: ticket, deadline: deadline), number: number)
    }

    /// The ticket, if it still waited.
    mutating func withdraw(number: UInt64) -> Ticket? { waiters.remove(number: number)?.ticket }

    /// A good connection comes back. False when the pool keeps it no longer: close it, then report `lost`.
    mutating func give(_ connection: Connection) -> (isKept: Bool, resumption: Resumption?) {
        if isClosed { return (false, nil) }
        if let waiter = waiters.popFirst() { return (true, (waiter.ticket, .success(.connection(connection)))) }
        idle.append(connection)
        return (true, nil)
    }

    /// The server accepts connections.
    mutating func opened() {
        failedOpens = 0
        lastOpenError = nil
    }

    /// A slot is free again.
    mutating func lost(now: Deadline) -> [Resumption] {
        slotsTaken -= 1
        return grantSlots(now: now)
    }

    /// The slot is free again; none is opened before a pause that doubles from 50 ms to 2 s. `jitter` in 0…1 spreads
    /// the clients of one server over the second half of it.
    mutating func openFailed(_ error: PostgresError, now: Deadline, jitter: Double) -> [Resumption] {
        let pause = min(50 * Double(1 << min(failedOpens, 6)), 2_000)
        failedOpens += 1
        lastOpenError = error
        retryAt = now.advanced(by: .milliseconds(Int(pause * (0.5 + jitter / 2))))
        return lost(now: now)
    }

    /// Time has passed: who waited too long goes, who may open a connection does.
    mutating func tick(now: Deadline) -> [Resumption] {
        var resumptions = grantSlots(now: now)
        while let first = waiters.first, first.deadline <= now, let waiter = waiters.popFirst() {
            resumptions.append((waiter.ticket, .failure(lastOpenError ?? .acquireTimeout)))
        }
        return resumptions
    }

    /// Refuses everybody from now on. The idle connections are the caller's to close and to report `lost`.
    mutating func close() -> (resumptions: [Resumption], idle: [Connection]) {
        isClosed = true
        let resumptions = waiters.popFirst(waiters.count).map { Resumption($0.ticket, .failure(.closed)) }
        defer { idle = [] }
        return (resumptions, idle)
    }

    private mutating func grantSlots(now: Deadline) -> [Resumption] {
        var resumptions: [Resumption] = []
        while !isClosed, slotsTaken < size, now >= retryAt, let waiter = waiters.popFirst() {
            slotsTaken += 1
            resumptions.append((waiter.ticket, .success(.slot)))
        }
        return resumptions
    }
}
