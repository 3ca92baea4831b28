import Glibc

/// A pair of sockets that ends a `poll` from another thread.
final class Wakeup: Sendable {
    /// Readable after `signal`, until `drain`.
    let descriptor: Int32
    private let farEnd: Int32

    init() throws(PostgresError) {
        let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0 else {
            throw .connect("no socket to wake the connection: errno \(errno)")
        }
        descriptor = ends[0]
        farEnd = ends[1]
    }

    deinit {
        close(descriptor)
        close(farEnd)
    }

    /// A full socket is already readable, so a failed write loses nothing.
    func signal() {
        var byte: UInt8 = 1
        _ = send(farEnd, &byte, 1, Int32(MSG_NOSIGNAL))
    }

    func drain() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while read(descriptor, &bytes, 16) > 0 {}
    }
}
