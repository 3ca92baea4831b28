internal import Glibc
internal import Synchronization
internal import Threads

/// Serves a few connections on one thread. What needs the cooperative pool goes out as a `Request` and comes back
/// through `answer`.
final class ServerLoop: Sendable {
    struct Request: Sendable {
        let connection: UInt64
        let route: ServerRoute
    }

    struct Limits: Sendable {
        var connections = 16
        /// For a head to arrive, for an answer to be found, and for it to be taken; each.
        var patience = Duration.seconds(5)
        /// For a head to arrive, and for a client to close, while every place is taken: slow clients must not keep a
        /// probe out.
        var patienceWhenFull = Duration.milliseconds(100)
        /// For the client to close after its answer.
        var linger = Duration.milliseconds(500)
    }

    enum Stop: Comparable {
        /// Answers under way are still sent.
        case gently
        case atOnce
    }

    /// Between the thread and everybody else.
    private struct Mailbox {
        var answers: [(connection: UInt64, answer: ServerAnswer)] = []
        /// Requests that went out and have not come back, also when their client is long gone.
        var pending: [ServerRoute: Int] = [:]
        var stop: Stop?
    }

    let requests: AsyncStream<Request>
    let limits: Limits
    private let outgoing: AsyncStream<Request>.Continuation
    private let listener: ListeningSocket
    private let wake: WakeEvent
    private let mailbox = Mutex(Mailbox())

    var port: UInt16 { listener.port }

    init(host: String, port: UInt16, limits: Limits) throws(TelemetryError) {
        listener = try ListeningSocket(host: host, port: port)
        wake = try WakeEvent()
        self.limits = limits
        // Never full: `admit` bounds what is under way for each route.
        (requests, outgoing) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// Serves on a new thread; `requests` ends when it has stopped.
    func start() throws(TelemetryError) {
        do throws(NoThread) {
            try DetachedThread.start("metrics") { [self] in
                serve()
                outgoing.finish()
            }
        } catch {
            throw .system(operation: "pthread_create", code: error.errno)
        }
    }

    func stop(_ stop: Stop) {
        mailbox.withLock { $0.stop = max($0.stop ?? stop, stop) }
        wake.signal()
    }

    func answer(_ request: Request, with answer: ServerAnswer) {
        mailbox.withLock {
            $0.pending[request.route, default: 1] -= 1
            $0.answers.append((request.connection, answer))
        }
        wake.signal()
    }

    // MARK: the thread

    private func serve() {
        var table = ConnectionTable(limits: limits)
        while true {
            let (answers, stop) = mailbox.withLock { mailbox in
                defer { mailbox.answers = [] }
                return (mailbox.answers, mailbox.stop)
            }
            for (connection, answer) in answers { table.answer(connection, answer) }
            if let stop {
                shutdown(listener.descriptor, Int32(SHUT_RDWR))
                table.drop(isAnsweringToo: stop == .atOnce)
            }
            if stop != nil, table.connections.isEmpty { return }
            turn(&table, isAccepting: stop == nil)
        }
    }

    /// Waits until something happens, and does it.
    private func turn(_ table: inout ConnectionTable, isAccepting: Bool) {
        let accepts = isAccepting && table.mayAccept
        var polled = [
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: accepts ? listener.descriptor : -1, events: Int16(POLLIN), revents: 0),
        ]
        polled += table.connections.map { pollfd(fd: $0.socket, events: $0.events, revents: 0) }
        poll(&polled, nfds_t(polled.count), table.pollMilliseconds())
        if polled[0].revents != 0 { wake.clear() }
        let ready = zip(table.connections, polled.dropFirst(2)).filter { $1.revents != 0 }.map(\.0)
        for connection in ready {
            guard let route = table.proceed(connection) else { continue }
            submit(connection, route, &table)
        }
        table.expire()
        if polled[1].revents != 0 { table.accept(from: listener.descriptor) }
    }

    private func submit(_ connection: ServerConnection, _ route: ServerRoute, _ table: inout ConnectionTable) {
        let isAdmitted = mailbox.withLock { mailbox in
            guard mailbox.pending[route, default: 0] < limits.connections else { return false }
            mailbox.pending[route, default: 0] += 1
            return true
        }
        guard isAdmitted else { return table.answer(connection.id, ServerAnswer(status: 503)) }
        outgoing.yield(Request(connection: connection.id, route: route))
    }
}
