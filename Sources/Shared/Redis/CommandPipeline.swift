/// Which command waits for which reply: a pure state machine without I/O, clock or lock.
///
/// Commands are written and answered in order. An entry is a command, or several sent as one that are answered as
/// one. It is `unsent` until its first byte has been handed to the socket, then `sent`. What is unsent survives a
/// broken connection; what is sent does not, because Redis may have carried it out.
struct CommandPipeline<Waiter> {
    typealias Instant = ContinuousClock.Instant

    struct Submission {
        let waiter: Waiter
        /// 0, or a number by which `abandon` finds it.
        var identifier: UInt64 = 0
        let name: String
        let byteCount: Int
        let replyCount: Int
        let timeout: Duration
    }

    /// A caller who will get no reply.
    struct Casualty {
        let waiter: Waiter
        let name: String
        let wasSent: Bool
    }

    private struct Entry {
        /// nil once the caller has been told that the time is up; the reply is then thrown away.
        var waiter: Waiter?
        let identifier: UInt64
        let name: String
        let byteCount: Int
        let replyCount: Int
        let deadline: Instant
    }

    private var output: [UInt8] = []
    /// Bytes of `output` already handed to the socket.
    private var cursor = 0
    /// Bytes of `output` that belong to sent entries.
    private var boundary = 0
    private var unsent = FIFO<Entry>()
    private var sent = FIFO<Entry>()
    /// Entries at the head of `sent` whose waiter is gone.
    private var timedOutCount = 0
    /// Replies so far of the entry at the head of `sent` when it expects several.
    private var collected: [RedisReply] = []
    /// Of the newest submission.
    private var latestDeadline = Instant.now
    /// The earliest deadline of all, or a little later, kept when one was submitted that ends before an earlier one.
    private var overtakingDeadline: Instant?
    /// Since when sent commands have waited without a byte from Redis.
    private var quietSince: Instant?

    /// Commands and bytes that left since `takeReleased`, for the bound on what may wait.
    private var releasedCommands = 0
    private var releasedBytes = 0

    /// Nothing new is begun; what has been is written to its end and its reply awaited.
    var isHeld = false

    var hasOutput: Bool { cursor < (isHeld ? boundary : output.count) }
    var isEmpty: Bool { sent.isEmpty && unsent.isEmpty }
    var awaitsReply: Bool { !sent.isEmpty }

    /// The bytes that wait to be written.
    func withOutput<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        let end = isHeld ? boundary : output.count
        return try output.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[cursor..<end])) }
    }

    /// Takes over what callers submitted; leaves both arrays empty (with capacity, for the next round).
    mutating func append(_ submissions: inout [Submission], bytes: inout [UInt8], now: Instant) {
        if cursor >= 1 << 20, cursor * 2 >= output.count { trimOutput() }
        if output.isEmpty { swap(&output, &bytes) } else { output.append(contentsOf: bytes) }
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
        for submission in submissions {
            let deadline = now + submission.timeout
            if deadline < latestDeadline { overtakingDeadline = min(overtakingDeadline ?? deadline, deadline) }
            latestDeadline = deadline
            unsent.append(
                Entry(
                    waiter: submission.waiter, identifier: submission.identifier, name: submission.name,
                    byteCount: submission.byteCount, replyCount: submission.replyCount, deadline: deadline))
        }
        submissions.removeAll(keepingCapacity: true)
    }

    /// The socket took `byteCount` bytes of the output.
    mutating func wrote(_ byteCount: Int, now: Instant) {
        cursor += byteCount
        if sent.isEmpty { quietSince = now }
        while boundary < cursor, let entry = unsent.popFirst() {
            boundary += entry.byteCount
            sent.append(entry)
        }
        if cursor == output.count {
            output.removeAll(keepingCapacity: output.capacity <= 1 << 20)
            cursor = 0
            boundary = 0
        }
    }

    /// The next reply. Returns whom to give what: one reply, or for an entry of several their array; nil while
    /// replies are missing or nobody waits any more. Throws when nothing was asked.
    mutating func receive(_ reply: RedisReply) throws(RedisError) -> (waiter: Waiter, reply: RedisReply)? {
        guard !sent.isEmpty else { throw .protocolViolation("a reply that no command asked for") }
        var answer = reply
        let expected = sent[0].replyCount
        if expected > 1 {
            collected.append(reply)
            if collected.count < expected { return nil }
            answer = .array(collected)
            collected = []
        }
        guard let entry = sent.popFirst() else { return nil }
        release(entry)
        if timedOutCount > 0 { timedOutCount -= 1 }
        guard let waiter = entry.waiter else { return nil }
        return (waiter, answer)
    }

    /// Bytes came: the other side is alive.
    mutating func heard(now: Instant) { quietSince = now }

    /// Those whose time is up. A sent one keeps its place, for its reply may still come.
    mutating func expire(now: Instant) -> [Casualty] {
        var casualties: [Casualty] = []
        while timedOutCount < sent.count, sent[timedOutCount].deadline <= now {
            if let waiter = sent[timedOutCount].waiter.take() {
                casualties.append(Casualty(waiter: waiter, name: sent[timedOutCount].name, wasSent: true))
            }
            timedOutCount += 1
        }
        var droppedBytes = 0
        while let entry = unsent.first, entry.deadline <= now {
            _ = unsent.popFirst()
            droppedBytes += entry.byteCount
            release(entry)
            if let waiter = entry.waiter {
                casualties.append(Casualty(waiter: waiter, name: entry.name, wasSent: false))
            }
        }
        if droppedBytes > 0 { output.removeSubrange(boundary..<(boundary + droppedBytes)) }
        if let overtakingDeadline, overtakingDeadline <= now { casualties += expireOvertaking(now: now) }
        return casualties
    }

    /// Looks through everything, which is needed only after a command was sent again with what was left of its time.
    private mutating func expireOvertaking(now: Instant) -> [Casualty] {
        var casualties: [Casualty] = []
        var next: Instant?
        for index in timedOutCount..<max(timedOutCount, sent.count) {
            if sent[index].deadline > now {
                next = min(next ?? sent[index].deadline, sent[index].deadline)
            } else if let waiter = sent[index].waiter.take() {
                casualties.append(Casualty(waiter: waiter, name: sent[index].name, wasSent: true))
            }
        }
        var offset = boundary
        for entry in unsent.removeAll() {
            if entry.deadline > now {
                next = min(next ?? entry.deadline, entry.deadline)
                unsent.append(entry)
                offset += entry.byteCount
                continue
            }
            output.removeSubrange(offset..<(offset + entry.byteCount))
            release(entry)
            if let waiter = entry.waiter {
                casualties.append(Casualty(waiter: waiter, name: entry.name, wasSent: false))
            }
        }
        // Not for every single one of many: each look costs as much as there are entries.
        overtakingDeadline = next.map { max($0, now + .milliseconds(10)) }
        return casualties
    }

    /// True when something was sent and the other side has said nothing for `limit`.
    func isSilent(for limit: Duration, now: Instant) -> Bool {
        guard !sent.isEmpty, let quietSince else { return false }
        return now - quietSince >= limit
    }

    /// When `expire` or `isSilent` may next have something to say; nil when nothing waits.
    func nextDeadline(silenceLimit: Duration) -> Instant? {
        var next: Instant?
        if timedOutCount < sent.count { next = sent[timedOutCount].deadline }
        if let first = unsent.first { next = min(next ?? first.deadline, first.deadline) }
        if let overtakingDeadline { next = min(next ?? overtakingDeadline, overtakingDeadline) }
        if !sent.isEmpty, let quietSince { next = min(next ?? quietSince + silenceLimit, quietSince + silenceLimit) }
        return next
    }

    /// The connection is gone: those whose command may have reached Redis. The others stay for the next one.
    mutating func lose() -> [Casualty] {
        let casualties = sent.removeAll().compactMap { entry -> Casualty? in
            release(entry)
            return entry.waiter.map { Casualty(waiter: $0, name: entry.name, wasSent: true) }
        }
        output.removeFirst(boundary)
        cursor = 0
        boundary = 0
        timedOutCount = 0
        collected = []
        quietSince = nil
        isHeld = false
        return casualties
    }

    /// The client closes: everybody who still waits.
    mutating func removeAll() -> [Casualty] { lose() + removeUnsent() }

    /// Those of whose command not a byte has been written.
    mutating func removeUnsent() -> [Casualty] {
        var casualties: [Casualty] = []
        for entry in unsent.removeAll() {
            release(entry)
            if let waiter = entry.waiter {
                casualties.append(Casualty(waiter: waiter, name: entry.name, wasSent: false))
            }
        }
        output.removeLast(output.count - boundary)
        return casualties
    }

    /// Takes out the caller of the oldest entry if it has this identifier and still waits. When the entry was sent,
    /// the caller of this method closes the connection: the reply would otherwise be taken for another's.
    mutating func abandonOldest(_ identifier: UInt64) -> Casualty? {
        if !sent.isEmpty {
            guard sent[0].identifier == identifier, let waiter = sent[0].waiter.take() else { return nil }
            timedOutCount = max(timedOutCount, 1)
            return Casualty(waiter: waiter, name: sent[0].name, wasSent: true)
        }
        guard let entry = unsent.first, entry.identifier == identifier, let waiter = entry.waiter else { return nil }
        _ = unsent.popFirst()
        output.removeSubrange(boundary..<(boundary + entry.byteCount))
        release(entry)
        return Casualty(waiter: waiter, name: entry.name, wasSent: false)
    }

    /// How much has left since the last call.
    mutating func takeReleased() -> (commands: Int, bytes: Int) {
        defer { (releasedCommands, releasedBytes) = (0, 0) }
        return (releasedCommands, releasedBytes)
    }

    private mutating func trimOutput() {
        output.removeFirst(cursor)
        boundary -= cursor
        cursor = 0
    }

    private mutating func release(_ entry: Entry) {
        releasedCommands += entry.replyCount
        releasedBytes += entry.byteCount
    }
}

extension CommandPipeline.Submission: Sendable where Waiter: Sendable {}
