/// Everything the lease protocol knows at one moment: PostgreSQL's rows, Redis' lists and logs, the processes, and the
/// messages that are still under way although their senders gave up on them.
///
/// Jobs and workers are numbers, which are also their places in the arrays. Counters without an end (a worker's beat,
/// the clock) are kept as what can be told from them, so that there are finitely many states.
struct LeaseState: Hashable {
    var rows: [Row]
    var workers: [Worker]
    var redis: RedisState
    /// What Redis wrote to its disk last; where it goes on after a restart. `nil`: nothing yet.
    var savedRedis: RedisState?
    /// Messages whose sender got an error. Each may arrive at any time, or never. Sorted: their order means nothing.
    var late: [Message] = []
    /// What one reader was given of the first job's log: `EventReader` makes its text of it.
    var followed: [LogEntry] = []
    var faultsLeft: UInt8
    var breaches: Breaches = []
}

/// A row of the table `jobs`.
struct Row: Hashable {
    enum Phase: Hashable { case unknown, scheduled, queued, running, succeeded, failed, cancelled }

    var phase = Phase.unknown
    var attempt: UInt8 = 0
    /// Starts that count against the job's attempts.
    var spent: UInt8 = 0
    /// Workers that died while they ran it.
    var deaths: UInt8 = 0
    /// Bit n: worker n was buried while it ran it, and may have died or may say that it lives.
    var suspects: UInt16 = 0
    var worker: Int8?
    var isCancelRequested = false
    /// How often the row was claimed. The protocol does not know this number: it tells attempts apart even when a
    /// broken protocol does not.
    var claims: UInt8 = 0
    /// How often the rows that a success brings with it were written.
    var effects: UInt8 = 0

    var isTerminal: Bool { phase == .succeeded || phase == .failed || phase == .cancelled }
    /// Accepted and not ended.
    var isOpen: Bool { phase != .unknown && !isTerminal }
}

/// One registration of a worker process: from its birth to the last trace of it.
struct Worker: Hashable {
    enum Life: Hashable {
        /// Not born yet, or so long gone that nothing remembers it.
        case unborn
        /// Believes that it is alive.
        case alive
        /// Has stopped its attempts, and is about to sign off.
        case stopped
        case gone
    }

    /// What the taker does: bit n of what it took is job n.
    enum Taker: Hashable {
        case idle
        case took(UInt32)
    }

    var life = Life.unborn
    /// Has a row in the table `workers`.
    var isRegistered = false
    /// Lost that row to others.
    var wasBuried = false
    /// The process does nothing (SIGSTOP, a long pause): it does not even notice time.
    var isPaused = false
    /// The process cannot reach PostgreSQL.
    var isCutOff = false
    /// Ticks since it sent the last beat that it knows to have arrived, as far as anybody asks.
    var silence: UInt8 = 0
    /// Ticks since a beat arrived in the table.
    var quiet: UInt8 = 0
    /// It was paused at some time since `silence` was 0.
    var wasPaused = false
    var taker = Taker.idle
    /// The next take may forget what was taken before: it is claimed, or needs nobody.
    var mayForget = false
    var attempts: [Attempt] = []
    /// Bit n: looked at the table n ticks ago.
    var looks: UInt8 = 0
    /// What it saw of each worker.
    var sightings: [Sighting]

    /// Can run code and reach the store.
    var isUp: Bool { life == .alive && !isPaused && !isCutOff }
}

/// What one worker knows of another one.
struct Sighting: Hashable {
    /// Bit n: the look n ticks ago saw the beat that was seen last.
    var looks: UInt8 = 0
    /// No beat has arrived since the last look.
    var isCurrent = false
    /// `PeerWatch` said that it is dead; its burial is about to be sent.
    var isDead = false
}

/// An attempt as the process that runs it sees it.
struct Attempt: Hashable {
    enum Stage: Hashable {
        /// The claim's answer is here or near; the handler has not started.
        case answered
        case running
        /// The row says how it ended; nobody was told yet.
        case settled
    }

    var job: Int8
    var attempt: UInt8
    var claim: UInt8
    var stage = Stage.answered
    var nextSequence: UInt8 = 0
    /// Pieces of text the handler has produced.
    var pieces: UInt8 = 0
    /// What the log should hold. `nil`: unknown, a snapshot is due.
    var expectedLength: UInt8?
    var owesSnapshot = false
}

/// What Redis holds. A list is the number of copies of each id in it: any of them may come out first, which is more
/// than a list allows and so checks more.
struct RedisState: Hashable {
    var ready: [UInt8]
    /// By worker, then by job.
    var taken: [[UInt8]]
    var logs: [[LogEntry]]

    init(jobs: Int, workers: Int) {
        ready = Array(repeating: 0, count: jobs)
        taken = Array(repeating: ready, count: workers)
        logs = Array(repeating: [], count: jobs)
    }
}

struct LogEntry: Hashable, Comparable {
    enum Event: Hashable, Comparable {
        case attempt
        case delta(UInt8)
        case snapshot(UInt8)
    }

    /// The entry's id in the stream: `attempt-sequence`.
    var attempt: UInt8
    var sequence: UInt8
    var event: Event
    /// Which claim wrote it; the protocol does not know.
    var writer: UInt8

    static func < (left: Self, right: Self) -> Bool {
        (left.attempt, left.sequence, left.writer, left.event) < (
            right.attempt, right.sequence, right.writer, right.event
        )
    }
}

/// A call that its sender has given up on: it may have had its effect, may have it later, or never.
enum Message: Hashable, Comparable {
    case claim(Int8, by: Int8)
    case settle(Int8, attempt: UInt8, claim: UInt8, by: Int8, Ending)
    case beat(Int8)
    case bury(Int8)
    case take(Int8, by: Int8, forgets: Int8)
    case push(Int8)
    case append(Int8, LogEntry)

}

/// How an attempt ends, as its handler sees it.
enum Ending: Hashable, Comparable, CaseIterable { case success, failure, handedBack, cancelled }

/// What must never happen, and did.
struct Breaches: OptionSet, Hashable {
    var rawValue: UInt8

    static let staleSettle = Breaches(rawValue: 1)
    static let robbedOneThatSpoke = Breaches(rawValue: 2)
    static let robbedBeliever = Breaches(rawValue: 4)
    static let claimAfterBurial = Breaches(rawValue: 8)
    static let mixedText = Breaches(rawValue: 16)
    static let missingText = Breaches(rawValue: 32)

    var sentences: [String] {
        let all: [(Breaches, String)] = [
            (.staleSettle, "a settle of an attempt that is not the current one took effect"),
            (.robbedOneThatSpoke, "a worker was buried that had been heard of a moment ago"),
            (.robbedBeliever, "a worker was buried that ran all the time and still believed in itself"),
            (.claimAfterBurial, "a worker claimed a job after its burial"),
            (.mixedText, "a reader got text that no attempt wrote in this order"),
            (.missingText, "a reader was told that it has all the text, and has not"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }
}
