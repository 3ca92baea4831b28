import Domain

/// The scripts, each at once, as Redis runs them.
extension RedisState {
    /// A second copy of an id tells nothing new: the reconciler may push another one whenever none waits.
    private static let mostCopies: UInt8 = 1

    mutating func push(_ job: Int) {
        ready[job] = min(ready[job] + 1, Self.mostCopies)
    }

    mutating func take(_ job: Int, by worker: Int) {
        ready[job] -= 1
        taken[worker][job] = min(taken[worker][job] + 1, Self.mostCopies)
    }

    mutating func forget(_ worker: Int) {
        for job in ready.indices { taken[worker][job] = 0 }
    }

    mutating func giveBack(_ worker: Int) {
        for job in ready.indices {
            ready[job] = min(ready[job] + taken[worker][job], Self.mostCopies)
            taken[worker][job] = 0
        }
    }

    func hasTaken(_ worker: Int) -> Bool { taken[worker].contains { $0 > 0 } }

    /// The jobs a worker took, as bits.
    func jobs(takenBy worker: Int) -> UInt32 {
        ready.indices.reduce(0) { taken[worker][$1] > 0 ? $0 | 1 << UInt32($1) : $0 }
    }
}

extension LeaseProtocol {
    func push(_ job: Int8, _ call: LeaseAction.Call, _ state: inout LeaseState) {
        if call == .late { state.send(.push(job)) } else { state.redis.push(Int(job)) }
    }

    /// `take.lua`: forgets what this worker took before, or hands it out again; then moves one id.
    /// - Returns: what the worker gets.
    func takeAway(_ job: Int8, by worker: Int, forgets: Bool, _ state: inout LeaseState) -> UInt32 {
        let isThere = job >= 0 && state.redis.ready[Int(job)] > 0
        if flaws.contains(.takeWithoutList) {
            if isThere { state.redis.ready[Int(job)] -= 1 }
            return isThere ? 1 << UInt32(job) : 0
        }
        if forgets {
            state.redis.forget(worker)
        } else if state.redis.hasTaken(worker) {
            return state.redis.jobs(takenBy: worker)
        }
        if isThere { state.redis.take(Int(job), by: worker) }
        return state.redis.jobs(takenBy: worker)
    }

    /// Whether the reconciler misses a queued job: it looks into the ready lists only.
    func isMissing(_ job: Int, _ state: LeaseState) -> Bool {
        guard state.rows[job].phase == .queued, state.redis.ready[job] == 0, isNext(job, state) else { return false }
        if flaws.contains(.reconcilerTrustsTakenLists) { return !state.redis.taken.contains { $0[job] > 0 } }
        return !flaws.contains(.noReconciler)
    }

    enum Appended {
        case added(length: UInt8)
        case stale, repeated
    }

    /// `append.lua`: Redis takes only an id above the last one.
    func append(_ entry: LogEntry, _ job: Int, _ state: inout LeaseState) -> Appended {
        var entry = entry
        if flaws.contains(.eventsNumberedByJob) {
            entry.attempt = 1
            entry.sequence = state.redis.logs[job].last.map { $0.sequence + 1 } ?? 0
        }
        if let last = state.redis.logs[job].last, (last.attempt, last.sequence) >= (entry.attempt, entry.sequence) {
            return last.attempt > entry.attempt ? .stale : .repeated
        }
        state.redis.logs[job].append(entry)
        if !Transcript(state.redis.logs[job]).isSound { state.breaches.insert(.mixedText) }
        return .added(length: UInt8(state.redis.logs[job].count))
    }

    /// The one reader that stays reads what is new to it, also across Redis' losses.
    func follow(_ state: inout LeaseState) {
        let cursor = Transcript(state.followed).cursor
        state.followed += state.redis.logs[0].filter { cursor == .start || $0.cursor > cursor }
        let transcript = Transcript(state.followed)
        if !transcript.isSound { state.breaches.insert(.mixedText) }
        let row = state.rows[0]
        let last = EventCursor(attempt: Int(row.attempt), sequence: Int(scope.pieces))
        guard row.phase == .succeeded, transcript.hasAll(last) else { return }
        if transcript.pieces != scope.pieces { state.breaches.insert(.missingText) }
    }

    func hasNewEntries(_ state: LeaseState) -> Bool {
        guard let last = state.redis.logs[0].last else { return false }
        return last.cursor > Transcript(state.followed).cursor || state.followed.isEmpty
    }
}

extension LogEntry {
    var cursor: EventCursor { EventCursor(attempt: Int(attempt), sequence: Int(sequence)) }
}

/// What one reader makes of the entries it was given, by the product's own rule.
struct Transcript {
    private var reader = EventReader(after: .start)
    /// How many pieces of text the reader has; they are of one attempt and without a hole as long as `isSound`.
    private(set) var pieces: UInt8 = 0
    private(set) var isSound = true
    private var writer: UInt8 = 0

    init(_ entries: [LogEntry]) {
        for entry in entries where !reader.read([entry.placed]).isEmpty { show(entry) }
    }

    var cursor: EventCursor { reader.cursor }
    func hasAll(_ last: EventCursor) -> Bool { reader.hasAll(attempt: last.attempt, lastSequence: last.sequence) }

    /// The way the page does it.
    private mutating func show(_ entry: LogEntry) {
        switch entry.event {
        case .attempt: (writer, pieces) = (entry.writer, 0)
        case .snapshot(let count): (writer, pieces) = (entry.writer, count)
        case .delta(let piece):
            if entry.writer != writer || piece != pieces + 1 { isSound = false }
            pieces = piece
        }
    }
}

extension LogEntry {
    fileprivate var placed: PlacedEvent {
        switch event {
        case .attempt: PlacedEvent(cursor: cursor, event: .attempt(cursor.attempt))
        case .delta: PlacedEvent(cursor: cursor, event: .delta(""))
        case .snapshot: PlacedEvent(cursor: cursor, event: .snapshot(""))
        }
    }
}
