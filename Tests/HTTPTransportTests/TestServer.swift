import Glibc
import Synchronization

/// An HTTP server of a few lines on a loopback port of its own. Every connection runs `serve` on its own thread and
/// is closed when that returns.
final class TestServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let accepted = Mutex(0)

    var origin: String { "http://127.0.0.1:\(port)" }
    /// Connections taken so far.
    var connectionCount: Int { accepted.withLock { $0 } }

    init(_ serve: @escaping @Sendable (TestConnection) -> Void) throws {
        (listener, port) = try Self.listen(backlog: 1024)
        let listener = listener
        startThread { [self] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else {
                    Glibc.close(listener)
                    return
                }
                accepted.withLock { $0 += 1 }
                startThread {
                    serve(TestConnection(socket: socket))
                    Glibc.close(socket)
                }
            }
        }
    }

    /// Takes no further connections; those under way go on. The accepting thread closes the listener, once: nobody
    /// else may have been given its number by then.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    static func listen(backlog: Int32) throws -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
                guard bind(listener, address, length) == 0, Glibc.listen(listener, backlog) == 0 else { return -1 }
                return getsockname(listener, address, &length)
            }
        }
        guard code == 0 else { throw ServerFailure(what: "listen", errno: errno) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}

struct ServerFailure: Error {
    let what: String
    let errno: Int32
}

/// Runs `body` on a detached thread.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    precondition(code == 0, "a thread for the test server")
    pthread_detach(thread)
}
