import Hummingbird
import NIOCore

@testable import APIGateway

/// The gateway's own WebSocket, with a session that says everything back: for tools that check the protocol.
enum EchoServer {
    /// Serves while a body runs.
    static func with(limits: SocketLimits, _ body: @Sendable @escaping (_ port: Int) async throws -> Void) async throws
    {
        let router = Router(context: GatewayContext.self)
        router.add(middleware: ProblemMiddleware())
        router.get("echo") { request, context in try await answer(request, context, limits) }
        try await SocketServer.serve(router, body)
    }

    private static func answer(
        _ request: Request, _ context: GatewayContext, _ limits: SocketLimits
    ) async throws -> Response {
        let fields = try await Handshake(request.head).answer(on: context.channel)
        let connection = SocketConnection(channel: context.channel, limits: limits)
        try await context.channel.triggerUserOutboundEvent(UpgradeHandler.Agreed(connection: connection)).get()
        let body = ResponseBody { writer in
            await connection.open()
            for await message in connection.messages {
                try? await connection.send(Array(message.readableBytesView))
                connection.worked()
            }
            await connection.end()
            try await writer.finish(nil)
        }
        return Response(status: .switchingProtocols, headers: fields, body: body)
    }
}
