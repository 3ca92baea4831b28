import CCurl
internal import Glibc
internal import Logging
internal import Synchronization
internal import Threads

/// The door to the thread that drives libcurl: any thread submits, cancels and resumes through a locked inbox; the
/// thread behind it (`TransferEngine`) does the work. The thread starts with the first submission.
final class TransferLoop: Sendable {
    enum Command {
        case start(Exchange)
        case cancel(Exchange)
        case resume(Exchange)
    }

    enum Stage {
        case idle
        case running(MultiHandle)
        case draining(MultiHandle, until: ContinuousClock.Instant)
        case stopped
    }

    private struct State {
        var stage = Stage.idle
        var commands: [Command] = []
        var active = 0
        var activeByAddress: [HostAndPort: Int] = [:]
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
    }

    let configuration: HTTPTransportConfiguration
    let logger: Logger
    private let state = Mutex(State())

    init(configuration: HTTPTransportConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Transfers submitted and not yet ended.
    var activeCount: Int { state.withLock { $0.active } }

    // MARK: any thread

    /// Hands the exchange to the loop, or throws `overloaded` or `closed`.
    func submit(_ exchange: Exchange) throws(HTTPTransportError) {
        try start()
        let refusal = state.withLock { state -> HTTPTransportError? in
            guard case .running(let multi) = state.stage else { return .closed(sentNothing: true) }
            let address = exchange.target.address
            guard state.active < configuration.maxConnections,
                state.activeByAddress[address, default: 0] < configuration.maxConnectionsPerHost
            else { return .overloaded }
            state.active += 1
            state.activeByAddress[address, default: 0] += 1
            Self.post(.start(exchange), &state.commands, multi)
            return nil
        }
        if let refusal { throw refusal }
    }

    func cancel(_ exchange: Exchange) {
        post(.cancel(exchange))
    }

    func resume(_ exchange: Exchange) {
        post(.resume(exchange))
    }

    private func post(_ command: Command) {
        state.withLock { state in
            switch state.stage {
            case .running(let multi), .draining(let multi, _): Self.post(command, &state.commands, multi)
            case .idle, .stopped: break
            }
        }
    }

    /// One wake-up for as many commands as gather until the loop looks. It is one write to a non-blocking socket.
    private static func post(_ command: Command, _ commands: inout [Command], _ multi: MultiHandle) {
        commands.append(command)
        if commands.count == 1 { _ = curl_multi_wakeup(multi.pointer) }
    }

    /// Starts the thread unless it has been started before.
    func start() throws(HTTPTransportError) {
        let failure = state.withLock { state -> HTTPTransportError? in
            guard case .idle = state.stage else { return nil }
            do throws(HTTPTransportError) {
                let multi = try MultiHandle(maxIdle: configuration.maxConnections)
                try start(multi)
                state.stage = .running(multi)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private func start(_ multi: MultiHandle) throws(HTTPTransportError) {
        do throws(NoThread) {
            try DetachedThread.start("curl") { [self] in TransferEngine(multi, self).run() }
        } catch {
            throw HTTPTransportError(CURLE_FAILED_INIT, host: "", wasConnected: false)
        }
    }

    /// Accepts nothing more, lets transfers under way go on for `drain` (`nil`: to their own end), then fails them
    /// with `closed`. A later call may shorten the time. Does not wait.
    func stop(within drain: Duration?) {
        let until = ContinuousClock.now + (drain ?? .seconds(1_000_000_000))
        state.withLock { state in
            switch state.stage {
            case .idle: state.stage = .stopped
            case .running(let multi):
                state.stage = .draining(multi, until: until)
                _ = curl_multi_wakeup(multi.pointer)
            case .draining(let multi, let earlier):
                state.stage = .draining(multi, until: min(earlier, until))
                _ = curl_multi_wakeup(multi.pointer)
            case .stopped: break
            }
        }
    }

    /// Returns when the thread has closed every socket; at once when it was never started.
    func waitUntilStopped() async {
        await withCheckedContinuation { waiter in
            let isStopped = state.withLock { state in
                if case .stopped = state.stage { return true }
                state.stopWaiters.append(waiter)
                return false
            }
            if isStopped { waiter.resume() }
        }
    }

    // MARK: the loop's thread

    /// Everything posted since the last call, and until when to drain: `nil` while nobody wants the loop to stop.
    func collect() -> (commands: [Command], drainUntil: ContinuousClock.Instant?) {
        state.withLock { state in
            let commands = state.commands
            state.commands = []
            if case .draining(_, let until) = state.stage { return (commands, until) }
            return (commands, nil)
        }
    }

    /// The exchange no longer counts against the limits.
    func release(_ exchange: Exchange) {
        state.withLock { state in
            let address = exchange.target.address
            state.active -= 1
            let rest = state.activeByAddress[address, default: 1] - 1
            state.activeByAddress[address] = rest > 0 ? rest : nil
        }
    }

    /// The last word of the thread before it frees the multi handle: from here on nobody wakes it.
    func close() -> [Command] {
        state.withLock { state in
            state.stage = .stopped
            defer { state.commands = [] }
            return state.commands
        }
    }

    func reportStopped() {
        let waiters = state.withLock { state in
            defer { state.stopWaiters = [] }
            return state.stopWaiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
