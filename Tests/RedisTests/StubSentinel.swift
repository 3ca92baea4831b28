import Glibc
import Synchronization
import TestSupport
import Threads

@testable import Redis

/// Says whatever the test wants said about the master, as a sentinel would.
final class StubSentinel: Sendable {
    struct Opinion: Sendable {
        let port: Int
        let epoch: Int
    }

    let port: Int
    private let listener: Int32
    private let opinion: Mutex<Opinion>

    init(_ opinion: Opinion) throws {
        port = try FreePort.choose()
        self.opinion = Mutex(opinion)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let descriptor = listener
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        listen(listener, 16)
        _ = try? DetachedThread.start("stub-sentinel") { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                _ = try? DetachedThread.start("stub-sentinel") { [weak self] in
                    self?.serve(connection)
                    close(connection)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    func say(_ new: Opinion) { opinion.withLock { $0 = new } }

    /// The greeting and the inquiry each come in one piece.
    private func serve(_ connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            let text = String(decoding: buffer[..<count], as: UTF8.self)
            let answer = Array((text.contains("PING") ? "+PONG\r\n" : Self.answer(opinion.withLock { $0 })).utf8)
            _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
        }
    }

    private static func answer(_ opinion: Opinion) -> String {
        func bulk(_ text: some CustomStringConvertible) -> String { "$\("\(text)".utf8.count)\r\n\(text)\r\n" }
        return "*2\r\n" + bulk("127.0.0.1") + bulk(opinion.port)
            + "*2\r\n" + bulk("config-epoch") + bulk(opinion.epoch)
    }
}
