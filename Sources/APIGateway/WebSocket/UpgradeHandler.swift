import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// Makes a WebSocket of an HTTP connection when a route has answered 101: so a request for a socket passes everything
/// that any request passes, and may be the connection's first or its hundredth. Goes between the HTTP codec and
/// Hummingbird's handlers, which afterwards see nothing but the end of the connection.
final class UpgradeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Sent as an outbound event by the route that is going to answer 101.
    struct Agreed {
        let connection: SocketConnection
    }

    private enum State {
        case http
        case agreed(SocketConnection)
        case webSocket
    }

    private var state = State.http
    private var open = 0
    /// NIO's decoder reads nothing after a request that asks for an upgrade.
    private var isLast = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) {
            open += 1
            let connection = head.headerFields[.connection]?.lowercased() ?? ""
            isLast = head.headerFields[.upgrade] != nil && connection.contains("upgrade")
        }
        context.fireChannelRead(data)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let agreed = event as? Agreed else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        state = .agreed(agreed.connection)
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch (state, unwrapOutboundIn(data)) {
        case (.webSocket, _):
            // The end of the answer: there is none in HTTP's form.
            promise?.succeed()
        case (.agreed(let connection), .head(let head)) where head.status == .switchingProtocols:
            context.writeAndFlush(data, promise: promise)
            change(to: connection, context)
        case (_, .end):
            open -= 1
            guard isLast, open == 0 else { return context.write(data, promise: promise) }
            let sent = promise ?? context.eventLoop.makePromise()
            let channel = context.channel
            sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
            context.write(data, promise: sent)
        default:
            context.write(data, promise: promise)
        }
    }

    private func change(to connection: SocketConnection, _ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            pipeline.removeHandler(try pipeline.handler(type: HTTP1ToHTTPServerCodec.self), promise: nil)
            if let check = try? pipeline.handler(type: HostCheck.self) {
                pipeline.removeHandler(check, promise: nil)
            }
            pipeline.removeHandler(
                try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self), promise: nil)
            pipeline.removeHandler(try pipeline.handler(type: HTTPResponseEncoder.self), promise: nil)
            let decoder = WebSocketFrameDecoder(maxFrameSize: connection.limits.messageBytes)
            try pipeline.addHandler(WebSocketFrameEncoder(), position: .before(self))
            try pipeline.addHandler(ByteToMessageHandler(decoder), position: .before(self))
            try pipeline.addHandler(SocketHandler(connection: connection), position: .before(self))
            state = .webSocket
        } catch {
            context.close(promise: nil)
        }
    }
}
