import Glibc
import Threads

@testable import Telemetry

/// A TCP client that sends whatever a test wants. Each step blocks, on a thread of its own.
final class RawClient: Sendable {
    private let socket: Int32

    init(port: UInt16) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // The object is complete: throwing runs deinit.
        guard code == 0 else { throw ClientFailure(errno: errno) }
    }

    deinit {
        close(socket)
    }

    /// False when the server is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Everything until the server closes.
    func readToEnd() async -> String {
        await onThread { [self] in
            var whole: [UInt8] = []
            while true {
                let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, filled in
                    filled = max(0, recv(socket, buffer.baseAddress, 65_536, 0))
                }
                if bytes.isEmpty { return String(decoding: whole, as: UTF8.self) }
                whole += bytes
            }
        }
    }

    static func exchange(_ text: String, port: UInt16) async throws -> String {
        let client = try await onThread {
            Result {
                let client = try RawClient(port: port)
                client.send(text)
                return client
            }
        }.get()
        return await client.readToEnd()
    }

    static func get(_ path: String, port: UInt16) async throws -> String {
        try await exchange("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n", port: port)
    }
}

struct ClientFailure: Error {
    let errno: Int32
}

func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        do {
            try DetachedThread.start("test-server") { continuation.resume(returning: body()) }
        } catch {
            preconditionFailure("a thread for the test: \(error)")
        }
    }
}
