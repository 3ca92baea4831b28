import Redis
import ServiceLifecycle
import Synchronization

/// One reader's ear on one job. Without Redis it hears a gap every second, so that the reader looks for itself.
final class JobChannel: Sendable {
    enum Notice: Sendable, Equatable {
        case event
        case state
        /// Anything may have been missed.
        case gap
        /// Nothing came in time.
        case nothing
        /// This process shuts down: the reader is to go, and to come back elsewhere.
        case closing
    }

    private struct State {
        var subscription: RedisSubscription?
        var isClosing = false
    }

    private let subscriber: RedisSubscriber
    private let name: String
    private let state = Mutex(State())

    init(subscriber: RedisSubscriber, name: String) {
        self.subscriber = subscriber
        self.name = name
    }

    /// Starts listening. What is published after this returns is heard, or shows as a gap.
    func open() async {
        let subscription = try? await subscriber.subscribe(name)
        let isClosing = state.withLock { state in
            state.subscription = subscription
            return state.isClosing
        }
        if isClosing { subscription?.cancel() }
    }

    /// Reads with this channel; a shutdown ends the wait at once.
    func whileServing<Value>(_ read: () async throws -> Value) async throws -> Value {
        try await withGracefulShutdownHandler {
            try await read()
        } onGracefulShutdown: {
            let subscription = self.state.withLock { state in
                state.isClosing = true
                return state.subscription
            }
            subscription?.cancel()
        }
    }

    /// The next notice, waiting for it until the deadline.
    /// - Throws: `CancellationError`.
    func next(until deadline: ContinuousClock.Instant) async throws -> Notice {
        let (subscription, isClosing) = state.withLock { ($0.subscription, $0.isClosing) }
        if isClosing { return .closing }
        guard let subscription else {
            try await Task.sleep(until: min(deadline, .now + .seconds(1)), clock: .continuous)
            await open()
            return .gap
        }
        let wait = await subscription.next(within: deadline - .now)
        try Task.checkCancellation()
        switch wait {
        case .notice(.message(let bytes)):
            return bytes.elementsEqual(JobSignals.Hint.event.rawValue.utf8) ? .event : .state
        case .notice(.gap): return .gap
        case .timedOut: return .nothing
        case .ended: return .closing
        }
    }
}
