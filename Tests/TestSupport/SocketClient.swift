import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A WebSocket client that can also do everything wrong: frames of one's own making, bytes that are none.
package final class SocketClient: Sendable {
    package struct Frame: Sendable, Equatable {
        package var opcode: UInt8
        package var payload: [UInt8]

        package var text: String { String(decoding: payload, as: UTF8.self) }
        /// Of a close frame.
        package var code: Int? { payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
    }

    /// A message of the gateway, as far as tests look at it.
    package struct Message: Decodable, Sendable {
        package struct Problem: Decodable, Sendable {
            package var status: Int
            package var code: String
        }
        package struct Data: Decodable, Sendable {
            package struct Result: Decodable, Sendable { package var text: String? }
            package var text: String?
            package var attempt: Int?
            package var state: String?
            package var result: Result?
        }
        package struct Job: Decodable, Sendable {
            package var id: String
            package var conversation_id: String?
        }
        package var type: String
        package var id: String?
        package var event: String?
        package var data: Data?
        package var status: Int?
        package var replayed: Bool?
        package var problem: Problem?
        package var retry_after_ms: Int?
        package var workspace_id: String?
        private var jobOrID: JobOrID?

        /// The job, whether it is named or shown.
        package var job: String? { jobOrID?.id }

        private struct JobOrID: Decodable, Sendable {
            var id: String
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    id = text
                } else {
                    id = try container.decode(Job.self).id
                }
            }
        }

        private enum CodingKeys: String, CodingKey {
            case type, id, event, data, status, replayed, problem, retry_after_ms, workspace_id
            case jobOrID = "job"
        }
    }

    private struct State {
        var frames: [Frame] = []
        var waiter: CheckedContinuation<Frame?, Never>?
        var isOver = false
    }

    package struct Failed: Error, CustomStringConvertible { package let description: String }

    private let descriptor: Int32
    private let state = Mutex(State())
    /// The answer to the handshake, to its empty line; the body of a refusal is not read.
    package let head: String

    package var status: Int { Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0 }

    /// Connects and reads the answer to the handshake, on a thread of its own: a server may be in this very process.
    /// - Parameters:
    ///   - base: `http://127.0.0.1:port`.
    ///   - early: sent together with the handshake.
    package static func connect(
        _ base: String, path: String = "/api/v1/ws", headers: [String: String] = [:], without: Set<String> = [],
        method: String = "GET", early: [UInt8] = [], receiveBufferBytes: Int32? = nil
    ) async throws -> SocketClient {
        try await onThread {
            try SocketClient(base, path, headers, without, method, early, receiveBufferBytes)
        }
    }

    private static func onThread<Value: Sendable>(
        _ body: @Sendable @escaping () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    private init(
        _ base: String, _ path: String, _ headers: [String: String], _ without: Set<String>, _ method: String,
        _ early: [UInt8], _ receiveBufferBytes: Int32?
    ) throws {
        guard let port = base.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw Failed(description: base)
        }
        descriptor = try Self.descriptor(port, receiveBufferBytes)
        var all = [
            "Host": "127.0.0.1:\(port)", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ].merging(headers) { $1 }
        for name in without { all[name] = nil }
        let lines = all.map { "\($0.key): \($0.value)\r\n" }.joined()
        Self.write(descriptor, Array("\(method) \(path) HTTP/1.1\r\n\(lines)\r\n".utf8) + early)
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]), recv(descriptor, &byte, 1, 0) == 1 { head.append(byte) }
        self.head = String(decoding: head, as: UTF8.self)
    }

    /// Begins to read. Until then nothing is taken from the connection.
    package func start() { Thread.detachNewThread { [self] in read() } }

    /// A socket that has been answered 101 and is being read.
    package static func open(_ base: String, key: String) async throws -> SocketClient {
        let client = try await connect(base, headers: ["Authorization": "Bearer \(key)"])
        guard client.status == 101 else { throw Failed(description: client.head) }
        client.start()
        return client
    }

    deinit { close(descriptor) }

    private static func descriptor(_ port: UInt16, _ receiveBufferBytes: Int32?) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bytes = receiveBufferBytes { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, 4) }
        var patience = timeval(tv_sec: 40, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failed(description: "nobody listens on \(port)") }
        return descriptor
    }

    // MARK: Sending

    package static func frame(
        _ opcode: UInt8, _ payload: [UInt8] = [], fin: Bool = true, rsv: UInt8 = 0, isMasked: Bool = true
    ) -> [UInt8] {
        var bytes: [UInt8] = [(fin ? 0x80 : 0) | rsv << 4 | opcode]
        let mask: UInt8 = isMasked ? 0x80 : 0
        switch payload.count {
        case ..<126: bytes.append(mask | UInt8(payload.count))
        case ..<65_536: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            bytes.append(mask | 127)
            bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard isMasked else { return bytes + payload }
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }

    package func send(bytes: [UInt8]) { Self.write(descriptor, bytes) }

    package func send(_ text: String) { send(bytes: Self.frame(1, Array(text.utf8))) }

    private static func write(_ descriptor: Int32, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Ends the connection as a client does that was killed.
    package func cut() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Ends only what this side sends.
    package func cutOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    // MARK: Receiving

    /// The next frame. `nil`: the connection has ended, or was silent for 40 s.
    package func next() async -> Frame? {
        await withCheckedContinuation { continuation in
            let (found, isOver) = state.withLock { state -> (Frame?, Bool) in
                if !state.frames.isEmpty { return (state.frames.removeFirst(), false) }
                if !state.isOver { state.waiter = continuation }
                return (nil, state.isOver)
            }
            if found != nil || isOver { continuation.resume(returning: found) }
        }
    }

    /// The next message; pings are answered.
    /// - Throws: `Failed` when the socket closes.
    package func message() async throws -> Message {
        while let frame = await next() {
            switch frame.opcode {
            case 1: return try JSONDecoder().decode(Message.self, from: Foundation.Data(frame.payload))
            case 9: send(bytes: Self.frame(10, frame.payload))
            case 8: throw Failed(description: "closed with \(frame.code ?? 0) \(frame.text)")
            default: continue
            }
        }
        throw Failed(description: "the connection ended")
    }

    /// The code of the close frame, which is answered, whatever comes before it. `nil`: there was none.
    package func closeCode() async -> Int? {
        while let frame = await next() {
            guard frame.opcode == 8 else { continue }
            send(bytes: Self.frame(8, Array(frame.payload.prefix(2))))
            return frame.code ?? 1005
        }
        return nil
    }

    /// Everything that still comes, as text; for connections that were not started.
    package func readToEnd() async throws -> String {
        try await Self.onThread { [descriptor] in
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while case let count = recv(descriptor, &chunk, chunk.count, 0), count > 0 { bytes += chunk.prefix(count) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private func read() {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(descriptor, &chunk, chunk.count, 0), count > 0 {
            bytes += chunk.prefix(count)
            while let frame = Self.take(&bytes) { deliver(frame) }
        }
        let waiter = state.withLock { state in
            state.isOver = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }

    private func deliver(_ frame: Frame) {
        let waiter = state.withLock { state in
            if state.waiter == nil { state.frames.append(frame) }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: frame)
    }

    /// A server's frames have no mask, and this server's are never in pieces.
    private static func take(_ bytes: inout [UInt8]) -> Frame? {
        guard bytes.count >= 2 else { return nil }
        var start = 2
        var length = Int(bytes[1] & 127)
        if length >= 126 {
            let size = length == 126 ? 2 : 8
            start += size
            guard bytes.count >= start else { return nil }
            length = bytes[2..<start].reduce(0) { $0 << 8 | Int($1) }
        }
        guard bytes.count >= start + length else { return nil }
        let frame = Frame(opcode: bytes[0] & 15, payload: Array(bytes[start..<start + length]))
        bytes.removeFirst(start + length)
        return frame
    }
}
