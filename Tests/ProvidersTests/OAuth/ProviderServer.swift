import Foundation
import Glibc
import Synchronization

/// A provider's HTTP server on a loopback port of its own: answers as its script says, and remembers what it was asked.
final class ProviderServer: Sendable {
    struct Request: Sendable {
        var method: String
        var path: String
        var headers: [String: String]
        var body: [UInt8]
        /// Which connection it came on, from 1.
        var connection: Int

        var text: String { String(decoding: body, as: UTF8.self) }
        var form: [String: String] {
            let items = URLComponents(string: "?" + text)?.queryItems ?? []
            return Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
        }
        var json: [String: String] { (try? JSONDecoder().decode([String: String].self, from: Data(body))) ?? [:] }
    }

    enum Step: Sendable {
        case answer(String, status: Int = 200, headers: [String] = [])
        /// These bytes, and then the connection's end.
        case cut(after: String = "")
        /// Nothing, until the client gives up.
        case silence
    }

    let origin: String
    private let listener: Int32
    private let seen = Mutex<[Request]>([])
    private let script: @Sendable (Request) -> Step

    /// Everything asked so far, in order.
    var requests: [Request] { seen.withLock { $0 } }

    init(_ script: @escaping @Sendable (Request) -> Step) throws {
        self.script = script
        let (listener, port) = try Self.listen()
        self.listener = listener
        origin = "http://127.0.0.1:\(port)"
        Thread.detachNewThread { [self] in
            var count = 0
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { break }
                count += 1
                let number = count
                Thread.detachNewThread { self.serve(socket, number) }
            }
            Glibc.close(listener)
        }
    }

    /// Takes no further connections.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ socket: Int32, _ number: Int) {
        defer { Glibc.close(socket) }
        let connection = ServedConnection(socket: socket)
        while let request = connection.readRequest(number) {
            seen.withLock { $0.append(request) }
            switch script(request) {
            case .answer(let body, let status, let headers):
                let head = ["HTTP/1.1 \(status) Said", "Content-Length: \(body.utf8.count)"] + headers
                connection.write(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
            case .cut(let bytes):
                connection.write(bytes)
                return
            case .silence:
                connection.waitForClose()
                return
            }
        }
    }

    private static func listen() throws -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
                guard bind(listener, address, length) == 0, Glibc.listen(listener, 128) == 0 else { return -1 }
                return getsockname(listener, address, &length)
            }
        }
        guard code == 0 else { throw CocoaError(.fileReadUnknown) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}
