internal import Glibc

/// The connections of the server's thread, and how long each may take.
struct ConnectionTable {
    let limits: ServerLoop.Limits
    private(set) var connections: [ServerConnection] = []
    private var nextID: UInt64 = 0
    /// Set while the process has no descriptor left for another connection.
    private var pauseEnd: ContinuousClock.Instant?

    init(limits: ServerLoop.Limits) {
        self.limits = limits
    }

    private var isFull: Bool { connections.count >= limits.connections }

    var mayAccept: Bool { !isFull && pauseEnd == nil }

    mutating func accept(from listener: Int32) {
        while !isFull {
            let socket = Glibc.accept(listener, nil, nil)
            guard socket >= 0 else {
                // The waiting connection would wake the loop again and again.
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { pauseEnd = .now + .milliseconds(100) }
                return
            }
            Descriptor.keepFromBlocking(socket)
            connections.append(ServerConnection(id: nextID, socket: socket, now: .now))
            nextID += 1
        }
    }

    /// - Returns: what the client asks for, when its request is complete by now.
    mutating func proceed(_ connection: ServerConnection) -> ServerRoute? {
        let wasReading = connection.phase == .reading
        guard connection.proceed(now: .now) else {
            remove { $0 === connection }
            return nil
        }
        guard wasReading, case .answering(let route) = connection.phase else { return nil }
        return route
    }

    /// Does nothing when the client is gone, or was told already that it takes too long.
    mutating func answer(_ id: UInt64, _ answer: ServerAnswer) {
        guard let connection = connections.first(where: { $0.id == id }), case .answering = connection.phase
        else { return }
        connection.answer(answer, now: .now)
    }

    /// Ends the connections whose time is over; who waits for an answer gets 503.
    mutating func expire() {
        let now = ContinuousClock.now
        if let end = pauseEnd, end <= now { pauseEnd = nil }
        for connection in connections where deadline(of: connection) <= now {
            if case .answering = connection.phase {
                connection.answer(ServerAnswer(status: 503), now: now)
            } else {
                remove { $0 === connection }
            }
        }
    }

    /// Ends the connections that nobody owes an answer, or all.
    mutating func drop(isAnsweringToo: Bool) {
        remove { connection in
            switch connection.phase {
            case .reading: true
            case .answering, .writing, .lingering: isAnsweringToo
            }
        }
    }

    /// How long poll may wait; -1 is forever.
    func pollMilliseconds() -> Int32 {
        let deadlines = connections.map(deadline) + [pauseEnd].compactMap { $0 }
        guard let first = deadlines.min() else { return -1 }
        let left = ContinuousClock.now.duration(to: first)
        return Int32(clamping: max(0, Int64(left / .milliseconds(1)) + 1))
    }

    private func deadline(of connection: ServerConnection) -> ContinuousClock.Instant {
        let time =
            switch connection.phase {
            case .reading: isFull ? limits.patienceWhenFull : limits.patience
            case .answering, .writing: limits.patience
            case .lingering: isFull ? min(limits.linger, limits.patienceWhenFull) : limits.linger
            }
        return connection.phaseStart + time
    }

    private mutating func remove(where isOver: (ServerConnection) -> Bool) {
        connections.removeAll(where: isOver)
    }
}
