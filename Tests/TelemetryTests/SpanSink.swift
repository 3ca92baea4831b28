import Foundation
import Synchronization
import Threads

@testable import Telemetry

/// A collector of a few lines on a loopback port: answers each request as the test says, and keeps the bodies.
final class SpanSink: Sendable {
    struct Answer: Sendable {
        var status = 200
        var headers: [String] = []
        var body = "{}"
    }

    struct Received: Sendable {
        var head: String
        var body: [UInt8]

        /// The spans' names, in the order sent.
        var names: [String] {
            let root = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            let resources = root?["resourceSpans"] as? [[String: Any]]
            let scopes = resources?.first?["scopeSpans"] as? [[String: Any]]
            let spans = scopes?.first?["spans"] as? [[String: Any]]
            return spans?.compactMap { $0["name"] as? String } ?? []
        }
    }

    let port: UInt16
    let received = Signal<Received>()
    private let listener: Int32
    private let answers: Mutex<[Answer]>

    /// - Parameter answers: for the first requests; the others get 200.
    init(answers: [Answer] = []) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(socket, $0, length)
                _ = listen(socket, 16)
                _ = getsockname(socket, $0, &length)
            }
        }
        listener = socket
        port = UInt16(bigEndian: address.sin_port)
        self.answers = Mutex(answers)
        try DetachedThread.start("test-server") { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                while let request = Self.read(client) {
                    received.send(request)
                    let answer = self.answers.withLock { $0.isEmpty ? Answer() : $0.removeFirst() }
                    Self.write(answer, to: client)
                }
                close(client)
            }
            close(listener)
        }
    }

    /// Ends the thread once its client is gone.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func read(_ client: Int32) -> Received? {
        var bytes: [UInt8] = []
        while true {
            if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let lines = head.lowercased().split(separator: "\r\n").filter { $0.hasPrefix("content-length:") }
                let length = lines.first.flatMap { Int($0.dropFirst(16)) } ?? 0
                if bytes.count >= end.upperBound + length {
                    return Received(head: head, body: Array(bytes[end.upperBound...]))
                }
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }

    private static func write(_ answer: Answer, to client: Int32) {
        let lines = ["HTTP/1.1 \(answer.status) X", "Content-Length: \(answer.body.utf8.count)"] + answer.headers
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + answer.body).utf8)
        _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
