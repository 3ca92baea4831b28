import Glibc

/// A TCP client on loopback that sends exactly what a test wants, at the time it wants. Calls block, so a test makes
/// them on a thread of its own: `onThread`.
package final class RawSocket: Sendable {
    private let descriptor: Int32

    package struct Refused: Error { package let errno: Int32 }

    /// - Parameter receiveBytes: the system's buffer for what is not read yet; 0 leaves it alone.
    package init(port: Int, receiveBytes: Int32 = 0) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if receiveBytes > 0 {
            var size = receiveBytes
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // The object is complete: throwing runs deinit.
        guard code == 0 else { throw Refused(errno: errno) }
    }

    deinit { close(descriptor) }

    /// False when the other side is gone.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Says that nothing more is sent; what the other side sends can still be read.
    package func closeOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What comes next, up to 64 KiB. `nil`: the other side has closed or reset, or `seconds` have passed.
    package func receive(within seconds: Int = 60) -> [UInt8]? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Int32(seconds * 1_000)) == 1 else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, filled in
            filled = max(0, recv(descriptor, buffer.baseAddress, 65_536, 0))
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// Everything until the other side closes, or `nil` when it has not done so in time.
    package func readToEnd(within seconds: Int = 60) -> String? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var whole: [UInt8] = []
        while ContinuousClock.now < deadline {
            guard let bytes = receive(within: seconds) else {
                return ContinuousClock.now < deadline ? String(decoding: whole, as: UTF8.self) : nil
            }
            whole += bytes
        }
        return nil
    }

    /// Waits for the connection's end without reading: true when it ended in time.
    package func awaitEnd(within seconds: Int) -> Bool {
        var entry = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&entry, 1, Int32(seconds * 1_000)) == 1 && entry.revents & Int16(POLLHUP | POLLERR) != 0
    }

    package static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            let work = Work { continuation.resume(with: Result { try body() }) }
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { argument in
                    if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
                    return nil
                }, Unmanaged.passRetained(work).toOpaque())
            precondition(code == 0, "no thread for the test")
            pthread_detach(thread)
        }
    }
}

private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
