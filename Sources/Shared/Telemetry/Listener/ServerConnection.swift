internal import Glibc

/// One client, on the loop's thread: reads one head, waits for its answer, writes it, and lets the client close.
final class ServerConnection {
    enum Phase: Equatable {
        case reading
        case answering(ServerRoute)
        case writing
        /// The answer is sent. Closing while bytes of the client wait unread would take the answer back from it.
        case lingering
    }

    /// Bytes of a client that goes on sending after its answer.
    private static let lingerLimitBytes = 64 * 1024

    let id: UInt64
    let socket: Int32
    private(set) var phase = Phase.reading
    private(set) var phaseStart: ContinuousClock.Instant
    private var received: [UInt8] = []
    private var unsent: ArraySlice<UInt8> = []
    private var lingeredBytes = 0
    private var wantsBody = true

    /// Owns the socket from now on; it does not block.
    init(id: UInt64, socket: Int32, now: ContinuousClock.Instant) {
        (self.id, self.socket, phaseStart) = (id, socket, now)
    }

    deinit {
        close(socket)
    }

    /// What the loop waits for.
    var events: Int16 {
        switch phase {
        case .reading, .lingering: Int16(POLLIN)
        case .answering: 0
        case .writing: Int16(POLLOUT)
        }
    }

    /// Does what the socket is ready for. False when the connection is over.
    func proceed(now: ContinuousClock.Instant) -> Bool {
        switch phase {
        case .reading: read(now)
        case .answering: false  // Nothing was waited for, so this is a hang-up or an error.
        case .writing: write(now)
        case .lingering: linger()
        }
    }

    func answer(_ answer: ServerAnswer, now: ContinuousClock.Instant) {
        unsent = answer.bytes(withBody: wantsBody)[...]
        enter(.writing, now)
    }

    private func enter(_ next: Phase, _ now: ContinuousClock.Instant) {
        (phase, phaseStart) = (next, now)
    }

    private func read(_ now: ContinuousClock.Instant) -> Bool {
        guard let bytes = receive(atMost: RequestHead.limitBytes) else { return true }
        guard !bytes.isEmpty else { return false }
        received += bytes
        switch RequestHead.read(received) {
        case .incomplete: return true
        case .refused(let status): answer(ServerAnswer(status: status), now: now)
        case .complete(let method, let path): dispatch(method, path, now)
        }
        return phase != .writing || write(now)
    }

    private func dispatch(_ method: String, _ path: String, _ now: ContinuousClock.Instant) {
        guard let route = ServerRoute(rawValue: path) else { return answer(ServerAnswer(status: 404), now: now) }
        guard method == "GET" || method == "HEAD" else { return answer(ServerAnswer(status: 405), now: now) }
        wantsBody = method == "GET"
        enter(.answering(route), now)
    }

    private func write(_ now: ContinuousClock.Instant) -> Bool {
        while !unsent.isEmpty {
            let count = unsent.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            unsent = unsent.dropFirst(count)
        }
        shutdown(socket, Int32(SHUT_WR))
        enter(.lingering, now)
        return true
    }

    private func linger() -> Bool {
        guard let bytes = receive(atMost: 4096) else { return true }
        lingeredBytes += bytes.count
        return !bytes.isEmpty && lingeredBytes <= Self.lingerLimitBytes
    }

    /// `nil` when there is nothing now; empty at the end or after an error.
    private func receive(atMost limit: Int) -> [UInt8]? {
        var isLater = false
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
            let count = recv(socket, buffer.baseAddress, limit, 0)
            isLater = count < 0 && (errno == EAGAIN || errno == EINTR)
            filled = max(0, count)
        }
        return isLater ? nil : bytes
    }
}
