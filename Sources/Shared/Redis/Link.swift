import Glibc
import Logging

/// A connection and the one thread that owns it: opens it (TCP, TLS, AUTH, SELECT), moves bytes both ways for its
/// conversation, and opens it again when it breaks. Lives and dies on that thread.
///
/// Nothing here blocks but poll(2), so deadlines and a stop are noticed in every phase.
final class Link<Talk: Conversation> {
    typealias Instant = ContinuousClock.Instant

    enum Phase {
        case waiting(until: Instant)
        case locating(question: UInt64, deadline: Instant)
        case resolving(deadline: Instant)
        case connecting(others: ArraySlice<SocketAddress>, attemptDeadline: Instant, deadline: Instant)
        case securing(deadline: Instant)
        case greeting(missingReplies: Int, deadline: Instant)
        case open(since: Instant)
    }

    let configuration: RedisConfiguration
    let conversation: Talk
    let destination: any Destination
    let thread: ConnectionThread
    let logger: Logger

    /// The server of the present attempt or connection, or of the last one.
    var endpoint: RedisEndpoint
    var phase: Phase
    var stream: Stream?
    var reader: ReplyReader
    var tls: TLSContext?
    var resolution: Resolution?
    /// What is left to write of the greeting.
    var greeting: ArraySlice<UInt8> = []
    var backoff = Backoff()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    /// The bell and the socket.
    private var descriptors = [pollfd](repeating: pollfd(), count: 2)
    /// TLS may hold more than one read takes, unseen by poll.
    private var mayHaveMoreInput = false

    init(
        _ conversation: Talk, to destination: any Destination, configuration: RedisConfiguration,
        thread: ConnectionThread, logger: Logger
    ) {
        self.conversation = conversation
        self.destination = destination
        self.configuration = configuration
        endpoint = configuration.endpoint
        self.thread = thread
        self.logger = logger
        reader = ReplyReader(maxReplyBytes: configuration.maxReplyBytes)
        phase = .waiting(until: .now)
    }

    deinit { buffer.deallocate() }

    /// Returns when a stop was asked for and everything is closed.
    func run() {
        while true {
            let now = Instant.now
            let request = thread.stopRequest
            let mayKeep = conversation.collect(now: now)
            if request == .atOnce || (request == .afterPending && conversation.isIdle) { break }
            if !mayKeep { lose("given up by its caller", now: now, isExpected: true) }
            if !conversation.expire(now: now) { lose("no sign of life from Redis", now: now) }
            if stream != nil, !destination.approves(endpoint) { leave(now: now) }
            advance(now: now)
            flush(now: now)
            waitForEvents()
        }
        stream = nil
        conversation.close()
    }

    private func waitForEvents() {
        let mayNotSleep = !conversation.mayGoToSleep() || mayHaveMoreInput
        descriptors[0] = pollfd(fd: thread.wakeup.descriptor, events: Int16(POLLIN), revents: 0)
        descriptors[1] = pollfd(fd: stream?.descriptor ?? -1, events: interest(), revents: 0)
        let timeout = mayNotSleep ? 0 : timeoutMilliseconds(now: .now)
        // EINTR and ENOMEM are the only failures here; the next round polls again.
        guard poll(&descriptors, nfds_t(descriptors.count), timeout) >= 0 else { return }
        if descriptors[0].revents != 0 { thread.wakeup.silence() }
        if descriptors[1].revents != 0 || mayHaveMoreInput { proceed(now: .now) }
    }

    private func interest() -> Int16 {
        switch phase {
        case .waiting, .locating, .resolving: 0
        case .connecting: Int16(POLLOUT)
        case .securing: stream?.events(hasOutput: false) ?? 0
        case .greeting: stream?.events(hasOutput: !greeting.isEmpty) ?? 0
        case .open: stream?.events(hasOutput: conversation.hasOutput) ?? 0
        }
    }

    /// Until the next deadline, rounded up.
    private func timeoutMilliseconds(now: Instant) -> Int32 {
        let limit: Int64 = thread.wakeup.descriptor >= 0 ? 60_000 : Wakeup.fallbackMilliseconds
        let deadlines = (phaseDeadline, conversation.nextDeadline)
        guard let next = deadlines.0 ?? deadlines.1 else { return Int32(limit) }
        let (seconds, attoseconds) = (min(next, deadlines.1 ?? next) - now).components
        if seconds < 0 || attoseconds < 0 { return 0 }
        return Int32(min(seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1, limit))
    }

    /// Writes what waits until the socket takes no more.
    func flush(now: Instant) {
        guard case .open = phase else { return }
        while conversation.hasOutput {
            switch conversation.withOutput({ stream!.write($0) }) {
            case .bytes(let count): conversation.wrote(count, now: now)
            case .wouldBlock: return
            case .ended(let reason): return lose(reason, now: now)
            }
        }
    }

    /// Reads and delivers the replies that are there. A bounded number of reads, so that writing gets its turn.
    func readReplies(now: Instant) {
        mayHaveMoreInput = false
        for _ in 0..<16 {
            guard stream != nil else { return }
            switch stream!.read(into: buffer) {
            case .bytes(let count):
                guard deliver(UnsafeRawBufferPointer(rebasing: buffer[..<count]), now: now) else { return }
                if count < buffer.count, stream?.isEncrypted != true { return }
            case .wouldBlock: return
            case .ended(let reason): return isOpen ? lose(reason, now: now) : fail(reason, now: now)
            }
        }
        mayHaveMoreInput = true
    }

    /// False when the connection was given up on the way.
    private func deliver(_ bytes: UnsafeRawBufferPointer, now: Instant) -> Bool {
        defer { conversation.endOfReplies() }
        do throws(RedisError) {
            try reader.feed(bytes)
            if isOpen { conversation.heard(now: now) }
            while let reply = try reader.next() {
                if isOpen { try conversation.received(reply) } else { try greeted(reply, now: now) }
            }
            return true
        } catch {
            if isOpen { lose(error.description, now: now) } else { fail(Self.reason(error), now: now) }
            return false
        }
    }

    var isOpen: Bool {
        if case .open = phase { return true }
        return false
    }

    /// The open connection is gone. Comes back at once when it had been steady, else with the backoff.
    func lose(_ reason: String, now: Instant, isExpected: Bool = false) {
        guard case .open(let since) = phase else { return }
        if isExpected || now - since >= Backoff.steady { backoff.reset() }
        let pause = isExpected ? .zero : backoff.next(random: .random(in: 0..<1))
        if !isExpected {
            logger.warning("Redis connection lost", metadata: ["redis": "\(endpoint)", "reason": "\(reason)"])
        }
        discardStream()
        phase = .waiting(until: now + pause)
        conversation.lost(now: now)
    }

    /// Another server has taken this one's place.
    private func leave(now: Instant) {
        if isOpen {
            logger.notice("Redis connection moves on", metadata: ["from": "\(endpoint)", "redis": "\(configuration)"])
            lose("another server has taken its place", now: now, isExpected: true)
        } else {
            discardStream()
            phase = .waiting(until: now)
        }
    }

    func discardStream() {
        stream = nil
        reader = ReplyReader(maxReplyBytes: configuration.maxReplyBytes)
        greeting = []
        mayHaveMoreInput = false
    }
}
