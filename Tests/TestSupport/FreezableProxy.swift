import Glibc
import Synchronization

/// A TCP proxy on loopback that can go silent without closing anything, as a network that drops every packet does.
package final class FreezableProxy: Sendable {
    package let port: UInt16
    private let listener: Int32
    private let isFrozen = Atomic<Bool>(false)
    private let sockets = Mutex<[Int32]>([])

    /// Forwards to this port of 127.0.0.1.
    package init(to upstream: UInt16) {
        let listener = Self.socket()
        var address = Self.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        precondition(bound, "no port for the proxy")
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Self.thread { [self] in accept(to: upstream) }
    }

    /// From now on nothing is forwarded, and new connections are accepted but never answered.
    package func freeze() { isFrozen.store(true, ordering: .sequentiallyConsistent) }

    /// Ends every connection there is; new ones are served.
    package func cut() {
        let all = sockets.withLock { sockets in
            defer { sockets = [] }
            return sockets
        }
        for socket in all { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// Ends every connection, and takes no more.
    package func close() {
        for socket in sockets.withLock({ $0 }) + [listener] { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private func accept(to upstream: UInt16) {
        while true {
            let near = Glibc.accept(listener, nil, nil)
            if near < 0 { return }
            let far = Self.socket()
            var address = Self.loopback(port: upstream)
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(far, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            precondition(connected == 0, "the proxy cannot reach the server")
            sockets.withLock { $0 += [near, far] }
            Self.thread { [self] in forward(near, far) }
            Self.thread { [self] in forward(far, near) }
        }
    }

    private func forward(_ source: Int32, _ target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(source, &buffer, buffer.count)
            // Neither side learns that the other one is gone.
            if isFrozen.load(ordering: .sequentiallyConsistent) { return }
            guard count > 0, send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else {
                shutdown(target, Int32(SHUT_RDWR))
                return
            }
        }
    }

    private static func socket() -> Int32 { Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let code = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        precondition(code == 0, "no thread for the proxy")
        pthread_detach(thread)
    }
}
