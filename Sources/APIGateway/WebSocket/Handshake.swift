import FoundationEssentials
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The opening handshake of RFC 6455 section 4.2.
struct Handshake {
    static let subprotocol = "errand.v1"

    private let key: String
    private let subprotocol: String?

    /// - Throws: `Problem` (400, 426) for a request that does not ask for a WebSocket as the RFC wants it.
    init(_ head: HTTPRequest) throws {
        let fields = head.headerFields
        guard head.method == .get, Self.tokens(fields[values: .upgrade]).contains("websocket"),
            Self.tokens(fields[values: .connection]).contains("upgrade")
        else { throw Self.upgradeRequired }
        guard fields[values: .secWebSocketVersion] == ["13"] else { throw Self.upgradeRequired }
        let keys = fields[values: .secWebSocketKey]
        guard keys.count == 1, Data(base64Encoded: keys[0])?.count == 16 else {
            throw Problem.malformed("Sec-WebSocket-Key must be 16 bytes in Base64.")
        }
        guard fields[.transferEncoding] == nil, fields[.contentLength].map({ $0 == "0" }) != false else {
            throw Problem.malformed("A request for a WebSocket has no body.")
        }
        key = keys[0]
        let offered = fields[values: .secWebSocketProtocol].flatMap { $0.split(separator: ",") }
        subprotocol = offered.contains { $0.trimming == Self.subprotocol } ? Self.subprotocol : nil
    }

    /// The header fields of the 101.
    func answer(on channel: any Channel) async throws -> HTTPFields {
        let upgrader = NIOTypedWebSocketServerUpgrader<Void>(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededFuture(()) })
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "/",
            headers: ["Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"])
        let headers = try await upgrader.buildUpgradeResponse(
            channel: channel, upgradeRequest: head, initialResponseHeaders: [:]
        ).get()
        var fields: HTTPFields = [.upgrade: "websocket", .connection: "Upgrade"]
        fields[.secWebSocketAccept] = headers.first(name: "Sec-WebSocket-Accept")
        fields[.secWebSocketProtocol] = subprotocol
        return fields
    }

    private static func tokens(_ values: [String]) -> Set<String> {
        Set(values.flatMap { $0.split(separator: ",") }.map { $0.trimming.lowercased() })
    }

    private static let upgradeRequired = Problem(
        status: .upgradeRequired, code: "upgrade_required",
        detail: "This address speaks WebSocket, version 13. For plain HTTP there is /api/v1/jobs/{id}/events.",
        headers: [.upgrade: "websocket", .connection: "Upgrade, close", .secWebSocketVersion: "13"])
}

extension Substring {
    fileprivate var trimming: Substring {
        var text = trimmingPrefix { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
