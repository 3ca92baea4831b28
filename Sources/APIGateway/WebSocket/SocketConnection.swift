import NIOCore
import Synchronization

/// One socket as its session sees it: text messages come and go, both within bounds. The frames are `SocketHandler`'s.
final class SocketConnection: Sendable {
    /// The socket closes, or has closed.
    struct Closed: Error {}

    private struct State {
        var handler: NIOLoopBound<SocketHandler>?
        var outgoing: OutgoingBudget
        /// Messages that have come and are not worked on yet.
        var waiting = 0
        var lastID = 0
        var isOver = false
        var opening: [CheckedContinuation<Void, Never>] = []
        var endings: [CheckedContinuation<Void, Never>] = []
    }

    let channel: any Channel
    let limits: SocketLimits
    private let state: Mutex<State>
    private let stream: AsyncStream<ByteBuffer>
    private let incoming: AsyncStream<ByteBuffer>.Continuation

    init(channel: any Channel, limits: SocketLimits) {
        self.channel = channel
        self.limits = limits
        state = Mutex(State(outgoing: OutgoingBudget(maxBytes: limits.outgoingBytes)))
        (stream, incoming) = AsyncStream.makeStream()
        channel.closeFuture.whenComplete { [self] _ in ended() }
    }

    // MARK: For the session

    /// Returns when frames can be sent, or never will.
    func open() async {
        await withCheckedContinuation { continuation in
            let isDecided = state.withLock { state in
                let isDecided = state.handler != nil || state.isOver
                if !isDecided { state.opening.append(continuation) }
                return isDecided
            }
            if isDecided { continuation.resume() }
        }
    }

    /// The messages, for one reader, until the socket closes or `stopTaking`.
    var messages: AsyncStream<ByteBuffer> { stream }

    /// A message was worked on; another one may be read.
    func worked() {
        let handler = state.withLock { state in
            state.waiting -= 1
            return state.waiting < limits.waitingMessages ? state.handler : nil
        }
        if let handler { channel.eventLoop.execute { handler.value.goOnReading() } }
    }

    /// Takes no more messages: those that have come are still handed out.
    func stopTaking() { incoming.finish() }

    /// Waits for room, and sends one text message.
    func send(_ text: [UInt8]) async throws(Closed) {
        guard await reserve(text.count), let handler = state.withLock({ $0.handler }) else { throw Closed() }
        let buffer = ByteBuffer(bytes: text)
        channel.eventLoop.execute { handler.value.send(buffer) }
    }

    private func reserve(_ count: Int) async -> Bool {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if let answer = state.outgoing.take(count) { return answer }
                    if Task.isCancelled { return false }
                    state.outgoing.wait(id, for: count, continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.outgoing.giveUp(id) }?.resume(returning: false)
        }
    }

    /// Begins to close the socket. What is being sent goes first, then `farewell`.
    func close(_ reason: CloseReason, farewell: [UInt8]? = nil) {
        guard let handler = state.withLock({ $0.handler }) else { return channel.close(promise: nil) }
        let buffer = farewell.map { ByteBuffer(bytes: $0) }
        channel.eventLoop.execute { handler.value.close(reason, farewell: buffer) }
    }

    /// Returns when the socket has closed.
    func end() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.endings.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    // MARK: For the handler, on its event loop

    func opened(by handler: SocketHandler) {
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        let opening = state.withLock { state in
            state.handler = bound
            defer { state.opening = [] }
            return state.opening
        }
        for continuation in opening { continuation.resume() }
    }

    func received(_ message: ByteBuffer) {
        state.withLock { $0.waiting += 1 }
        incoming.yield(message)
    }

    /// No more is to be read for now.
    var isFull: Bool { state.withLock { $0.waiting >= limits.waitingMessages } }

    /// Bytes of messages that wait to be sent.
    var outgoingBytes: Int { state.withLock { $0.outgoing.bytes } }

    func sent(_ count: Int) {
        for waiter in state.withLock({ $0.outgoing.sent(count) }) { waiter.resume(returning: true) }
    }

    /// Nothing is sent or taken from now on.
    func closes() {
        incoming.finish()
        for waiter in state.withLock({ $0.outgoing.close() }) { waiter.resume(returning: false) }
    }

    private func ended() {
        closes()
        let all = state.withLock { state in
            state.isOver = true
            state.handler = nil
            defer { (state.opening, state.endings) = ([], []) }
            return state.opening + state.endings
        }
        for continuation in all { continuation.resume() }
    }
}
