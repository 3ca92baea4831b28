import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Does what messages ask for by the same routes that do it for requests: same bodies, same checks, same permissions.
struct SocketCommands: Sendable {
    /// The API's routes as they are behind authentication: the context says who asks.
    let respond: @Sendable (Request, GatewayContext) async throws -> Response
    let channel: any Channel
    let address: String
    let logger: Logger

    struct Answer {
        var status: Int
        var body: [UInt8]
        var isReplay: Bool
        var retryAfter: String?
    }

    func post(
        _ path: String, _ body: [UInt8] = [], _ post: ClientMessage.Post? = nil, as principal: Principal
    ) async throws -> Answer {
        var fields: HTTPFields = [.contentType: "application/json"]
        fields[.idempotencyKey] = post?.idempotencyKey
        fields[.traceparent] = post?.traceparent
        let head = HTTPRequest(method: .post, scheme: nil, authority: nil, path: path, headerFields: fields)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: body)))
        let response = try await respond(request, context(for: principal))
        return Answer(
            status: response.status.code, body: try await Self.bytes(response.body),
            isReplay: response.headers[.idempotencyReplayed] != nil, retryAfter: response.headers[.retryAfter])
    }

    /// What a request of this principal would know.
    func context(for principal: Principal) -> GatewayContext {
        var context = GatewayContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        context.principal = principal
        context.address = address
        return context
    }

    /// An error as the answer to a request that met it.
    func problem(_ error: any Error) async -> Answer {
        let requestID = JobID.make().description
        let problem = ProblemMiddleware.problem(error)
        if problem.status.code >= 500 {
            logger.error("socket failed", metadata: ["error": "\(error)", "request": "\(requestID)"])
        }
        let response = problem.response(requestID: requestID)
        let body = (try? await Self.bytes(response.body)) ?? []
        return Answer(
            status: problem.status.code, body: body, isReplay: false, retryAfter: response.headers[.retryAfter])
    }

    private static func bytes(_ body: ResponseBody) async throws -> [UInt8] {
        let collected = Collected()
        try await body.write(collected)
        return collected.bytes
    }

    private final class Collected: ResponseBodyWriter {
        var bytes: [UInt8] = []
        func write(_ buffer: ByteBuffer) async throws { bytes.append(contentsOf: buffer.readableBytesView) }
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
