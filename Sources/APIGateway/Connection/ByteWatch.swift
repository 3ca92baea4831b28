import NIOCore

/// Sees the bytes of a connection before they are decoded: an incomplete head shows nowhere else.
final class ByteWatch: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// Bytes came, and when they have been decoded.
    var onRead: (Int) -> Void = { _ in }
    var onReadComplete: () -> Void = {}
    /// Whether bytes are asked for now.
    private(set) var isReading = false
    /// What comes is thrown away: the last answer has been given.
    private var isDeaf = false
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func read(context: ChannelHandlerContext) {
        isReading = true
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDeaf { return }
        onRead(Self.unwrapInboundIn(data).readableBytes)
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        context.fireChannelReadComplete()
        if isDeaf { context.read() } else { onReadComplete() }
    }

    /// Sends an answer of its own, past all that encodes.
    func send(_ text: String) {
        guard let context else { return }
        context.writeAndFlush(Self.wrapOutboundOut(.byteBuffer(ByteBuffer(string: text))), promise: nil)
    }

    /// Sends no more, and hears no more; the client may still take what is on its way.
    func sayGoodbye() {
        guard let context else { return }
        isDeaf = true
        context.flush()
        context.close(mode: .output, promise: nil)
        context.read()
    }
}
