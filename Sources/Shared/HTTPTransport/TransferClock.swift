/// The deadlines of one transfer as a pure machine: told what happened, it says which deadline comes next.
struct TransferClock {
    typealias Instant = ContinuousClock.Instant

    private enum Stage {
        case connecting
        case waiting(since: Instant)
        case receiving(last: Instant)
        case heldBack
    }

    private let deadlines: HTTPDeadlines
    private let start: Instant
    private var stage = Stage.connecting

    init(deadlines: HTTPDeadlines, start: Instant) {
        self.deadlines = deadlines
        self.start = start
    }

    var isConnected: Bool {
        if case .connecting = stage { false } else { true }
    }

    /// The earliest deadline that stands, and the phase it belongs to.
    var next: (at: Instant, phase: HTTPPhase) {
        let end = (at: start + deadlines.total, phase: HTTPPhase.total)
        let part: (at: Instant, phase: HTTPPhase)
        switch stage {
        case .connecting: part = (start + deadlines.connect, .connect)
        case .waiting(let since): part = (since + deadlines.firstByte, .firstByte)
        case .receiving(let last): part = (last + deadlines.silence, .silence)
        case .heldBack: return end
        }
        return part.at <= end.at ? part : end
    }

    /// The connection is ready for the request. A repeat on a fresh connection does not begin a new wait.
    mutating func connected(at now: Instant) {
        if case .connecting = stage { stage = .waiting(since: now) }
    }

    /// A byte of the answer came, or the reader lets a held-back transfer go on.
    mutating func received(at now: Instant) {
        stage = .receiving(last: now)
    }

    /// The body is held back because nobody reads it: silence is no longer the server's.
    mutating func heldBack() {
        stage = .heldBack
    }
}
