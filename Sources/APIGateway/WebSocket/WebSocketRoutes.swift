import Domain
import HTTPTypes
import Hummingbird
import Jobs
import Logging
import NIOCore

/// `/api/v1/ws`: one socket for jobs and chat. Mounted outside `Authentication`, since a browser may send its
/// credential as the first message.
struct WebSocketRoutes: Sendable {
    /// The API's routes without authentication, for what messages ask.
    let respond: @Sendable (Request, GatewayContext) async throws -> Response
    let reader: JobReader
    let gate: SocketGate
    let limits: SocketLimits
    let census: SocketCensus

    func mount(on router: RouterGroup<GatewayContext>) {
        router.get("ws", use: open)
    }

    @Sendable func open(_ request: Request, context: GatewayContext) async throws -> Response {
        let handshake = try Handshake(request.head)
        var head = request.head
        // A browser cannot set the header.
        if let company = QueryReader(request: request).text("company_id"), head.headerFields[.xCompanyID] == nil {
            head.headerFields[.xCompanyID] = company
        }
        let credential = SocketGate.credential(head)
        try gate.checkOrigin(head, credential)
        let admission = credential == .none ? nil : try await gate.authenticate(head, context.address)
        let place = try place(for: admission, context)
        let fields = try await handshake.answer(on: context.channel)
        let connection = SocketConnection(channel: context.channel, limits: limits)
        try await context.channel.triggerUserOutboundEvent(UpgradeHandler.Agreed(connection: connection)).get()
        let session = SocketSession(
            connection: connection, commands: commands(context), reader: reader, gate: gate, head: head,
            place: place, admission: admission)
        let body = ResponseBody { writer in
            await session.run()
            try await writer.finish(nil)
        }
        return Response(status: .switchingProtocols, headers: fields, body: body)
    }

    private func commands(_ context: GatewayContext) -> SocketCommands {
        var logger = context.logger
        logger[metadataKey: "socket"] = "\(context.requestID)"
        return SocketCommands(respond: respond, channel: context.channel, address: context.address, logger: logger)
    }

    private func place(
        for admission: SocketGate.Admission?, _ context: GatewayContext
    ) throws -> SocketCensus.Place {
        let holder = admission.map { SocketCensus.Holder($0.principal) } ?? .stranger(context.address)
        do {
            return try census.enter(holder)
        } catch {
            throw error.problem
        }
    }
}

extension SocketCensus.Full {
    var problem: Problem {
        switch self {
        case .everything: .unavailable("too_many_sockets", "This gateway has all the sockets it can have. Try again.")
        case .holder:
            Problem(
                status: .tooManyRequests, code: "too_many_sockets",
                detail: "You have as many sockets open as you may have. Close one first.",
                headers: [.retryAfter: "5"])
        }
    }
}
