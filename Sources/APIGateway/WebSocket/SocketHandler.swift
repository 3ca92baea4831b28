import Metrics
import NIOCore
import NIOWebSocket

/// The frames of one socket: answers pings, asks for a sign of life, holds back a client that is too fast, and closes
/// as RFC 6455 section 7 wants it. Messages go to and come from the `SocketConnection`.
final class SocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let connection: SocketConnection
    private let limits: SocketLimits
    private var context: ChannelHandlerContext?
    private var reader: FrameReader
    private var messages: MessageRate
    private var frames: MessageRate
    private var pinging: RepeatedTask?
    private var isReadHeld = false
    private var isCloseSent = false
    private var signs = LifeSigns()
    /// Of pongs that wait to be sent.
    private var controlBytes = 0

    init(connection: SocketConnection) {
        self.connection = connection
        limits = connection.limits
        reader = FrameReader(maxMessageBytes: limits.messageBytes)
        messages = MessageRate(perSecond: limits.messagesPerSecond, at: .now)
        frames = MessageRate(perSecond: limits.messagesPerSecond * SocketLimits.framesOfMessage, at: .now)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let every = TimeAmount.seconds(Int64(limits.pingSeconds))
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        pinging = context.eventLoop.scheduleRepeatedTask(initialDelay: every, delay: every) { _ in
            bound.value.lookForLife()
        }
        connection.opened(by: self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        pinging?.cancel()
        if !isCloseSent { count(nil) }
        self.context = nil
    }

    private func count(_ code: UInt16?) {
        let code = code.map(String.init) ?? "none"
        Counter(label: "errand_websocket_closes_total", dimensions: [("code", code)]).increment()
    }

    // MARK: Coming in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        signs.received()
        if isCloseSent {
            // Only the answer matters now. After it the server closes the connection first.
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        guard frames.allows(at: .now) else { return close(.tooFast) }
        act(on: reader.read(frame), context)
    }

    private func act(on action: FrameReader.Action, _ context: ChannelHandlerContext) {
        if action != .wait, !messages.allows(at: .now) { return close(.tooFast) }
        switch action {
        case .wait, .pong: break
        case .text(let message): connection.received(message)
        case .binary: close(.notText)
        case .ping(let payload): answer(payload, context)
        case .close(let payload): answerClose(payload, context)
        case .fail(let reason): fail(reason)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isCloseSent { return }
        switch error {
        case NIOWebSocketError.invalidFrameLength: fail(.tooLarge)
        case NIOWebSocketError.fragmentedControlFrame: fail(.violation("a control frame must not be fragmented"))
        case is NIOWebSocketError: fail(.violation("a control frame is at most 125 bytes"))
        default: context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Half a WebSocket is none.
        if case .some(ChannelEvent.inputClosed) = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    /// A client that sends faster than its messages are worked on, or does not take its answers, waits.
    func read(context: ChannelHandlerContext) {
        isReadHeld = !isCloseSent && (connection.isFull || controlBytes > limits.outgoingBytes)
        if !isReadHeld { context.read() }
    }

    func goOnReading() {
        guard isReadHeld, let context else { return }
        read(context: context)
    }

    // MARK: Going out

    /// - Parameter text: for which the connection has made room.
    func send(_ text: ByteBuffer) {
        let count = text.readableBytes
        guard let context, !isCloseSent else { return connection.sent(count) }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        write(.text, text, context).whenComplete { _ in
            bound.value.signs.sent()
            bound.value.connection.sent(count)
        }
    }

    @discardableResult
    private func write(
        _ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext
    ) -> EventLoopFuture<Void> {
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)))
    }

    private func answer(_ ping: ByteBuffer, _ context: ChannelHandlerContext) {
        let count = ping.readableBytes + 2
        controlBytes += count
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        write(.pong, ping, context).whenComplete { _ in
            bound.value.signs.sent()
            bound.value.controlBytes -= count
            bound.value.goOnReading()
        }
    }

    private func lookForLife() {
        guard let context, !isCloseSent else { return }
        switch signs.look(isWaiting: connection.outgoingBytes + controlBytes > 0) {
        case .fine: break
        case .ping: write(.ping, ByteBuffer(), context)
        case .close(let reason): close(reason)
        }
    }

    // MARK: Closing

    /// Begins to close, and waits a while for the answer.
    func close(_ reason: CloseReason, farewell: ByteBuffer? = nil) {
        guard let context, !isCloseSent else { return }
        isCloseSent = true
        count(reason.code)
        connection.closes()
        if let farewell { write(.text, farewell, context) }
        write(.connectionClose, reason.payload, context)
        end(after: .seconds(Int64(limits.closeSeconds)), context)
        goOnReading()
    }

    /// The client broke the protocol, so nothing more of it can be understood: says why, ends the output, and lets
    /// what still comes in run dry, since closing over unread bytes would take the reason away again.
    private func fail(_ reason: CloseReason) {
        guard let context, !isCloseSent else { return }
        isCloseSent = true
        count(reason.code)
        connection.closes()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        write(.connectionClose, reason.payload, context).whenComplete { _ in
            bound.value.close(mode: .output, promise: nil)
        }
        end(after: .seconds(Int64(limits.closeSeconds)), context)
    }

    private func answerClose(_ payload: ByteBuffer, _ context: ChannelHandlerContext) {
        isCloseSent = true
        count(CloseReason.normal.code)
        connection.closes()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        write(.connectionClose, payload, context).whenComplete { _ in bound.value.close(promise: nil) }
        end(after: .seconds(Int64(limits.closeSeconds)), context)
    }

    private func end(after delay: TimeAmount, _ context: ChannelHandlerContext) {
        let channel = context.channel
        context.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
    }
}
