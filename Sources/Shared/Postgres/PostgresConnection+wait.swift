import CLibPQ
import Glibc

extension PostgresConnection {
    enum WaitEvent { case ready, woken, timedOut }

    /// Sleeps until the socket is ready for `events`, another thread signals `wakeup`, or the deadline.
    func wait(_ events: Int16, until deadline: Deadline) -> WaitEvent {
        var entries = [
            pollfd(fd: PQsocket(handle.pointer), events: events, revents: 0),
            pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&entries, 2, deadline.pollMilliseconds)
        if count == 0 { return .timedOut }
        // EINTR counts as a wake: the caller looks at its signal and its deadline, then waits again.
        if count < 0 { return .woken }
        if entries[1].revents != 0 { wakeup.drain() }
        return entries[0].revents != 0 ? .ready : .woken
    }

    /// The next result, or nil at the end of one statement's results. Cancels the statement on the server when the
    /// caller gave up or the deadline passed; drops the connection when the server does not react to that.
    func nextResult(_ call: inout PostgresCall) throws(PostgresError) -> ResultHandle? {
        try flush(&call)
        while PQisBusy(handle.pointer) == 1 {
            try wait(Int16(POLLIN), &call)
            if PQconsumeInput(handle.pointer) == 0 { throw lost(call) }
            try flush(&call)
        }
        return ResultHandle(PQgetResult(handle.pointer))
    }

    /// Reads while it writes: a server that cannot get rid of its answers reads no further requests.
    private func flush(_ call: inout PostgresCall) throws(PostgresError) {
        while true {
            switch PQflush(handle.pointer) {
            case 0: return
            case 1:
                try wait(Int16(POLLIN | POLLOUT), &call)
                if PQconsumeInput(handle.pointer) == 0 { throw lost(call) }
            default: throw lost(call)
            }
        }
    }

    /// Returns when the socket is ready.
    private func wait(_ events: Int16, _ call: inout PostgresCall) throws(PostgresError) {
        while true {
            if call.signal.isCancelled || isInterrupted, call.stop == nil { try stop(&call, .cancelled) }
            switch wait(events, until: call.deadline) {
            case .ready: return
            case .woken: continue
            case .timedOut:
                guard call.stop == nil else {
                    close()
                    throw call.unconfirmedStop
                }
                try stop(&call, .timeout)
            }
        }
    }

    private func stop(_ call: inout PostgresCall, _ reason: PostgresCall.StopReason) throws(PostgresError) {
        guard let request = CancelRequest(connection: handle.pointer) else { throw lost(call) }
        do {
            try request.start(wakeup)
        } catch {
            throw lost(call)
        }
        call.stop = PostgresCall.Stop(reason: reason, request: request)
        call.deadline = .now().advanced(by: configuration.cancelTimeout)
    }

    /// A cancel request still on its way would hit the next statement: waits for it, or drops the connection.
    func settleStop(_ call: PostgresCall) {
        guard let stop = call.stop else { return }
        while !stop.request.isDone {
            var entry = pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, call.deadline.pollMilliseconds) == 0 {
                close()
                return
            }
            wakeup.drain()
        }
    }

    func lost(_ call: PostgresCall, _ failure: ServerFailure? = nil) -> PostgresError {
        if let failure { noteFarewell(failure) }
        close()
        return call.lost
    }
}
