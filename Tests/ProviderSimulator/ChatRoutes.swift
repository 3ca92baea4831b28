import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// OpenAI's side of the simulator: `POST /v1/chat/completions` and `GET /v1/models`.
struct ChatRoutes: Sendable {
    /// The key that clients must send; nil: any or none.
    let apiKey: String?
    /// The models that exist; nil: every name does.
    let models: [String]?
    let rules: FaultRules
    let log: RequestLog

    private static let maxBodyBytes = 16 << 20

    func add(to router: Router<SimulatorContext>) {
        let group = router.group("v1")
        group.post("chat/completions", use: complete)
        group.get("models", use: listModels)
        group.get("models/{name}", use: showModel)
    }

    // MARK: Chat

    @Sendable private func complete(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        do {
            try authorize(request)
            let body = try await Self.body(of: request)
            let chat = try ChatCompletionRequest(body: body)
            try checkModel(chat.model)
            let (behaviour, text) = try rules.behaviour(for: chat.lastUserText)
            let signal = try await CloseWatch.signal(of: context.channel)
            let exchange = Exchange(id: log.add(chat, trace: Self.trace(request)), log: log, signal: signal)
            return try await answer(
                Completion(request: chat, text: text, behaviour: behaviour), behaviour, exchange, context.channel)
        } catch let error as APIError {
            return error.response()
        }
    }

    private static func trace(_ request: Request) -> [String: String] {
        var trace: [String: String] = [:]
        for name in ["traceparent", "tracestate"] {
            guard let field = HTTPField.Name(name) else { continue }
            trace[name] = request.headers[field]
        }
        return trace
    }

    private func answer(
        _ completion: Completion, _ behaviour: Behaviour, _ exchange: Exchange, _ channel: any Channel
    ) async throws -> Response {
        let delay = TimeAmount.milliseconds(Int64(behaviour.firstByteMilliseconds))
        if delay > .zero, await exchange.signal.wait(delay, on: channel.eventLoop) {
            exchange.finish(clientGone: true)
            throw CompletionStream.ClientGone()
        }
        if behaviour.fault == .hangUp {
            exchange.finish()
            try await channel.cut(withReset: false)
        }
        if case .stuck(let status) = behaviour.fault { return stuck(status, exchange, channel) }
        if let response = behaviour.errorResponse(model: completion.request.model) {
            exchange.finish(status: Int(response.status.code))
            return response
        }
        if completion.request.isStreaming { return stream(completion, behaviour, exchange, channel) }
        return try await whole(completion, behaviour, exchange, channel)
    }

    private func stream(
        _ completion: Completion, _ behaviour: Behaviour, _ exchange: Exchange, _ channel: any Channel
    ) -> Response {
        let stream = CompletionStream(
            completion: completion, behaviour: behaviour, channel: channel, signal: exchange.signal,
            onToken: exchange.sent)
        let headers: HTTPFields = [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache"]
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                do {
                    try await stream.write(to: &writer)
                    exchange.finish(status: 200)
                } catch {
                    exchange.finish(status: 200, clientGone: !(error is CompletionStream.ConnectionCut))
                    throw error
                }
            })
    }

    /// A whole answer takes as long as its tokens would.
    private func whole(
        _ completion: Completion, _ behaviour: Behaviour, _ exchange: Exchange, _ channel: any Channel
    ) async throws -> Response {
        let length = completion.tokenCount
        let isEndless = length == .max
        let pause = isEndless ? TimeAmount.hours(1) : .milliseconds(Int64(behaviour.delayMilliseconds * length))
        let isGone = pause > .zero ? await exchange.signal.wait(pause, on: channel.eventLoop) : false
        if isGone || isEndless {
            exchange.finish(clientGone: isGone)
            throw CompletionStream.ClientGone()
        }
        let text = completion.response(hasUsage: behaviour.fault != .noUsage).rendered
        let half = String(text.prefix(text.count / 2))
        switch behaviour.fault {
        case .silence: _ = await exchange.signal.wait(.hours(1), on: channel.eventLoop)
        case .brokenJSON, .end: return Self.json(half)
        case .cut, .reset:
            let isReset = if case .reset = behaviour.fault { true } else { false }
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: half))
                    try await channel.cut(withReset: isReset)
                })
        default: break
        }
        exchange.sent(length)
        exchange.finish(status: 200)
        return Self.json(text)
    }

    private func stuck(_ status: Int, _ exchange: Exchange, _ channel: any Channel) -> Response {
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: #"{"error":{"message":"#))
            let isGone = await exchange.signal.wait(.hours(1), on: channel.eventLoop)
            exchange.finish(status: status, clientGone: isGone)
            throw CompletionStream.ClientGone()
        }
        return Response(status: .init(code: status), headers: [.contentType: "application/json"], body: body)
    }

    // MARK: Models

    @Sendable private func listModels(_ request: Request, _ context: SimulatorContext) -> Response {
        do {
            try authorize(request)
            let list = (models ?? ["simulator"]).map(Self.model)
            return Self.json(JSONValue.members(["object": "list", "data": .array(list)]).rendered)
        } catch {
            return error.response()
        }
    }

    @Sendable private func showModel(_ request: Request, _ context: SimulatorContext) -> Response {
        do {
            try authorize(request)
            let name = context.parameters.get("name") ?? ""
            try checkModel(name)
            return Self.json(Self.model(name).rendered)
        } catch {
            return error.response()
        }
    }

    private static func model(_ name: String) -> JSONValue {
        .members(["id": .string(name), "object": "model", "created": 1_700_000_000, "owned_by": "simulator"])
    }

    private func checkModel(_ name: String) throws(APIError) {
        if let models, !models.contains(name) { throw .modelNotFound(name) }
    }

    // MARK: Request and response

    private func authorize(_ request: Request) throws(APIError) {
        guard let apiKey else { return }
        guard let header = request.headers[.authorization], header.hasPrefix("Bearer ") else { throw .missingKey }
        let key = String(header.dropFirst("Bearer ".count))
        if key != apiKey { throw .incorrectKey(key) }
    }

    private static func body(of request: Request) async throws -> Data {
        do {
            return Data(try await request.body.collect(upTo: maxBodyBytes).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw APIError.bodyTooLarge
        }
    }

    static func json(_ text: String) -> Response {
        Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: .init(string: text)))
    }
}

/// One request's line in the log.
private struct Exchange: Sendable {
    let id: Int
    let log: RequestLog
    let signal: CloseSignal

    var sent: @Sendable (Int) -> Void {
        { count in log.update(id) { $0.tokensSent = count } }
    }

    func finish(status: Int? = nil, clientGone: Bool = false) {
        log.update(id) { entry in
            entry.status = status
            entry.finishedAt = Date()
            if clientGone { entry.clientClosedAt = signal.closedAt ?? Date() }
        }
    }
}
