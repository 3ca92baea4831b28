package import Domain
package import Logging

/// Writes the events of one attempt. Redis may be away or lose the log at any time; then the attempt goes on, and as
/// soon as Redis takes events again a snapshot of the whole text makes every reader whole.
package actor EventEmitter {
    private let log: EventLog
    private let job: JobID
    private let attempt: Int
    private let logger: Logger

    private var nextSequence = 0
    /// What the log should hold after the next event. `nil` when unknown: then a snapshot is due.
    private var expectedLength: Int?
    /// Redis did not answer: do not make the attempt wait for it again before this.
    private var silentUntil: ContinuousClock.Instant?
    /// The whole text of this attempt.
    package private(set) var text = ""

    /// Text an attempt may stream, in bytes. More is a failure, not growth.
    package static let maxTextBytes = 1 << 20
    /// Events an attempt may write.
    package static let maxEvents = 100_000

    package init(log: EventLog, job: JobID, attempt: Int, logger: Logger) {
        self.log = log
        self.job = job
        self.attempt = attempt
        self.logger = logger
    }

    /// The attempt's last event. `nil` when it wrote none.
    package var lastSequence: Int? { nextSequence > 0 ? nextSequence - 1 : nil }

    /// Opens the attempt's epoch in the log: from now on Redis refuses what older attempts write. A first attempt need
    /// not, until it has something to say.
    /// - Throws: `AttemptLost` when a newer attempt writes the log.
    package func open() async throws {
        guard nextSequence == 0 else { return }
        await ready()
        defer {
            busy = false
            wake()
        }
        try await write(.attempt(attempt))
    }

    /// Streams text to the job's readers.
    /// - Throws: `AttemptLost` when a newer attempt writes the log; `Failure` (permanent, `output_too_large`) at the
    ///   bound.
    package func append(_ piece: String) async throws {
        guard !piece.isEmpty else { return }
        guard text.utf8.count + piece.utf8.count <= Self.maxTextBytes, nextSequence < Self.maxEvents else {
            throw Failure(
                .permanent, code: "output_too_large",
                message: "The attempt streamed more than \(Self.maxTextBytes) bytes or \(Self.maxEvents) events.")
        }
        await ready()
        defer {
            busy = false
            wake()
        }
        text += piece
        if nextSequence == 0 { try await write(.attempt(attempt)) }
        try await write(expectedLength == nil ? .snapshot(text) : .delta(piece))
    }

    /// Tells the job's readers how far the attempt is.
    /// - Throws: `AttemptLost` when a newer attempt writes the log.
    func tell(progress: String) async throws {
        guard nextSequence < Self.maxEvents else { return }
        await ready()
        defer {
            busy = false
            wake()
        }
        if nextSequence == 0 { try await write(.attempt(attempt)) }
        try await write(.progress(progress))
    }

    private func write(_ event: JobEvent) async throws {
        // What is not written takes a number all the same: a reader then knows that it does not have everything.
        let cursor = EventCursor(attempt: attempt, sequence: nextSequence)
        nextSequence += 1
        if let silentUntil, ContinuousClock.now < silentUntil { return }
        do {
            switch try await log.append(event, at: cursor, job: job) {
            case .stale: throw AttemptLost()
            case .repeated: expectedLength = nil
            case .ok(let length): try await check(length, after: event)
            }
        } catch let lost as AttemptLost {
            throw lost
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            expectedLength = nil
            silentUntil = .now + .seconds(1)
            logger.warning("event not written; a snapshot will follow", metadata: ["error": "\(error)"])
        }
    }

    private func check(_ length: Int, after event: JobEvent) async throws {
        let isComplete = expectedLength.map { $0 + 1 == length } ?? true
        expectedLength = length
        // A first event of an attempt is complete whatever came before; a snapshot always is.
        guard !isComplete, case .delta = event else { return }
        expectedLength = nil
        try await write(.snapshot(text))
    }

    // One event after the other: an actor's methods interleave at every await, and the log has an order.
    private var busy = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    private func ready() async {
        while busy { await withCheckedContinuation { waiters.append($0) } }
        busy = true
    }

    private func wake() {
        guard !waiters.isEmpty else { return }
        waiters.removeFirst().resume()
    }
}

/// This attempt is no longer the current one: whatever it does now is not believed.
package struct AttemptLost: Error, Equatable {}
