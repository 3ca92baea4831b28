internal import Synchronization

/// One request and its answer, between the task that sends and the loop's thread that transfers.
///
/// The loop delivers a head, then bytes, then an end; the task waits for each. Whoever ends the exchange first has
/// the last word: bytes and ends that come later change nothing.
final class Exchange: Sendable {
    typealias HeadWaiter = CheckedContinuation<HTTPHead, any Error>
    typealias Reader = CheckedContinuation<[UInt8]?, any Error>

    enum Delivery {
        case taken
        /// The reader has enough unread: pause, deliver the same bytes again after it resumed.
        case full
        /// Nobody wants the bytes any more.
        case ended
    }

    private struct State {
        var head: HTTPHead?
        var headWaiter: HeadWaiter?
        var unread: [UInt8] = []
        var reader: Reader?
        var isPaused = false
        var end: Result<Void, HTTPTransportError>?

        mutating func takeUnread() -> [UInt8] {
            defer { unread = [] }
            return unread
        }

        mutating func takeReader() -> Reader? {
            defer { reader = nil }
            return reader
        }

        mutating func takePause() -> Bool {
            defer { isPaused = false }
            return isPaused
        }

        mutating func takeWaiting() -> Waiting {
            defer { (headWaiter, reader) = (nil, nil) }
            return Waiting(head: headWaiter, reader: reader)
        }
    }

    /// Who waited when the exchange ended; resumed outside the lock.
    private struct Waiting {
        var head: HeadWaiter?
        var reader: Reader?

        func resume(with end: Result<Void, HTTPTransportError>) {
            if case .failure(let error) = end { head?.resume(throwing: error) }
            reader?.resume(with: end.map { nil }.mapError { $0 })
        }
    }

    /// Unread bytes above which the transfer pauses.
    static let unreadLimitBytes = 256 * 1024

    let request: HTTPRequest
    let target: HTTPTarget
    let start: ContinuousClock.Instant
    private let state = Mutex(State())

    init(request: HTTPRequest, target: HTTPTarget, start: ContinuousClock.Instant) {
        self.request = request
        self.target = target
        self.start = start
    }

    var hasEnded: Bool { state.withLock { $0.end != nil } }
    var hasReader: Bool { state.withLock { $0.reader != nil } }

    // MARK: the sending task

    /// Waits for the answer's head; once only.
    func head() async throws -> HTTPHead {
        try await withCheckedThrowingContinuation { (waiter: HeadWaiter) in
            let ready: Result<HTTPHead, any Error>? = state.withLock { state in
                if let head = state.head { return .success(head) }
                if case .failure(let error) = state.end { return .failure(error) }
                precondition(state.headWaiter == nil, "a head has one waiter")
                state.headWaiter = waiter
                return nil
            }
            if let ready { waiter.resume(with: ready) }
        }
    }

    /// All unread bytes, waiting for some when there are none; `nil` after the last. `resume` is called when the
    /// transfer was paused and may go on.
    func next(resume: () -> Void) async throws -> [UInt8]? {
        if let ready = take(orWait: nil, resume: resume) { return try ready.get() }
        return try await withCheckedThrowingContinuation { (reader: Reader) in
            if let ready = take(orWait: reader, resume: resume) { reader.resume(with: ready.mapError { $0 }) }
        }
    }

    /// What there is to read, or `nil` when `reader` has to wait. Taking the bytes is what lets a paused transfer go
    /// on, so both are one step.
    private func take(orWait reader: Reader?, resume: () -> Void) -> Result<[UInt8]?, HTTPTransportError>? {
        let (ready, wasPaused) = state.withLock { state -> (Result<[UInt8]?, HTTPTransportError>?, Bool) in
            guard state.unread.isEmpty else { return (.success(state.takeUnread()), state.takePause()) }
            if let end = state.end { return (end.map { nil }, false) }
            precondition(state.reader == nil, "a body has one reader at a time")
            state.reader = reader
            return (nil, false)
        }
        if wasPaused { resume() }
        return ready
    }

    /// Ends the exchange from the reading side and drops what is unread: a body that was not read to its end then
    /// fails with `cancelled`, never looks complete. Returns whether the loop must be told.
    func abandon() -> Bool {
        let (waiting, mustTell) = state.withLock { state -> (Waiting, Bool) in
            let mustTell = state.end == nil
            if mustTell || !state.unread.isEmpty { state.end = .failure(.cancelled) }
            state.unread = []
            return (state.takeWaiting(), mustTell)
        }
        waiting.resume(with: .failure(.cancelled))
        return mustTell
    }

    // MARK: the loop's thread

    func deliver(_ head: HTTPHead) {
        let waiter = state.withLock { state -> HeadWaiter? in
            guard state.end == nil else { return nil }
            state.head = head
            defer { state.headWaiter = nil }
            return state.headWaiter
        }
        waiter?.resume(returning: head)
    }

    /// Keeps the bytes for the reader; `wakeReader` tells it, or this call when no more fits. So a transfer pauses
    /// only while nobody waits for bytes, and whoever takes them lets it go on.
    func deliver(_ bytes: UnsafeRawBufferPointer) -> Delivery {
        let (delivery, reader, unread) = state.withLock { state -> (Delivery, Reader?, [UInt8]) in
            guard state.end == nil else { return (.ended, nil, []) }
            let fits = state.unread.isEmpty || state.unread.count + bytes.count <= Self.unreadLimitBytes
            if !fits, state.reader == nil {
                state.isPaused = true
                return (.full, nil, [])
            }
            defer { state.unread.append(contentsOf: bytes) }
            return fits ? (.taken, nil, []) : (.taken, state.takeReader(), state.takeUnread())
        }
        reader?.resume(returning: unread)
        return delivery
    }

    /// Hands a waiting reader all unread bytes.
    func wakeReader() {
        let (reader, bytes) = state.withLock { state -> (Reader?, [UInt8]) in
            guard !state.unread.isEmpty, let reader = state.takeReader() else { return (nil, []) }
            return (reader, state.takeUnread())
        }
        reader?.resume(returning: bytes)
    }

    /// Ends the exchange from the transferring side; the reader still gets what is unread. A success comes after a
    /// head: see `Transfer.outcome`.
    func finish(_ end: Result<Void, HTTPTransportError>) {
        wakeReader()
        let waiting = state.withLock { state -> Waiting in
            guard state.end == nil else { return Waiting() }
            state.end = end
            return state.takeWaiting()
        }
        waiting.resume(with: end)
    }
}
