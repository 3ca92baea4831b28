import Domain
import FoundationEssentials
import Jobs

/// What the product's `PeerWatch` says about one worker after each pattern of looks, asked once for all of them.
struct WatchTable: Sendable {
    private let deadAfter: Int
    private let mask: UInt8
    private var verdicts: [Bool] = []

    init(deadAfter: UInt8) {
        self.deadAfter = Int(deadAfter)
        mask = UInt8(truncatingIfNeeded: (1 << (self.deadAfter + 1)) - 1)
        for looks in 0...mask {
            for sighted in 0...mask {
                for isCurrent in [false, true] {
                    let isPossible = sighted & ~looks == 0
                    verdicts.append(isPossible && ask(looks: looks, sighted: sighted, isCurrent: isCurrent))
                }
            }
        }
    }

    /// The looks, one tick later. What is older than the time to death changes no verdict: looks are a tick apart, and
    /// a longer gap voids what was before it.
    func older(_ looks: UInt8) -> UInt8 { (looks << 1) & mask }

    /// Whether the worker is dead in the eyes of one that looks now.
    func isDead(looks: UInt8, _ sighting: Sighting) -> Bool {
        let patterns = Int(mask) + 1
        return verdicts[(Int(looks) * patterns + Int(sighting.looks)) * 2 + (sighting.isCurrent ? 1 : 0)]
    }

    private func ask(looks: UInt8, sighted: UInt8, isCurrent: Bool) -> Bool {
        var watch = PeerWatch(deadAfter: .seconds(deadAfter), longestGap: .seconds(1))
        let worker = WorkerID(UUID(uuid: (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)))
        let now = ContinuousClock.now
        for age in (1...deadAfter).reversed() where looks >> age & 1 == 1 {
            let beat = sighted >> age & 1 == 1 ? 2 : 1
            _ = watch.look([.init(id: worker, beat: beat, queues: [])], at: now - .seconds(age))
        }
        return !watch.look([.init(id: worker, beat: isCurrent ? 2 : 3, queues: [])], at: now).isEmpty
    }
}

/// What the product's `Settlement` makes of each ending, asked once for all of them.
struct SettlementTable: Sendable {
    struct Entry: Sendable {
        var phase: Row.Phase
        var isRefund: Bool
        var isEnd: Bool
    }

    private var entries: [[Entry]] = []

    init(maxAttempts: Int) {
        for ending in Ending.allCases {
            entries.append((0...maxAttempts + 1).map { Self.ask(ending, spent: $0, maxAttempts: maxAttempts) })
        }
    }

    subscript(ending: Ending, spent spent: UInt8) -> Entry {
        let row = entries[ending.place]
        return row[min(Int(spent), row.count - 1)]
    }

    private static func ask(_ ending: Ending, spent: Int, maxAttempts: Int) -> Entry {
        var random = SystemRandomNumberGenerator()
        let settlement = Settlement(
            of: ending.outcome, attempt: max(spent, 1), attemptsSpent: max(spent, 1), maxAttempts: maxAttempts,
            cancelRequested: false, policy: .standard, random: &random)
        return Entry(
            phase: Row.Phase(settlement.state), isRefund: settlement.refundsAttempt,
            isEnd: settlement.state.isTerminal)
    }
}

extension Ending {
    fileprivate var place: Int {
        switch self {
        case .success: 0
        case .failure: 1
        case .handedBack: 2
        case .cancelled: 3
        }
    }

    fileprivate var outcome: Outcome {
        switch self {
        case .success: .succeeded(result: [])
        case .failure: .failed(Failure(.retry, code: "model", message: "The handler failed."))
        case .handedBack: .handedBack
        case .cancelled: .cancelled(partialResult: nil)
        }
    }
}

extension Row.Phase {
    fileprivate init(_ state: JobState) {
        switch state {
        case .scheduled: self = .scheduled
        case .queued: self = .queued
        case .running: self = .running
        case .succeeded: self = .succeeded
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        case .waiting: preconditionFailure("no ending of the model waits for a person")
        }
    }
}
