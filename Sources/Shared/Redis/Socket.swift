import Glibc

/// What a read or write on a non-blocking stream came to.
enum StreamProgress {
    case bytes(Int)
    case wouldBlock
    /// The other side has closed, or the stream failed for this reason.
    case ended(String)
}

/// A TCP socket, non-blocking, closed exactly once.
struct Socket: ~Copyable {
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Begins to connect; poll for writability, then ask `connectFailure`. Throws the reason as `.connect`.
    static func connecting(to address: SocketAddress) throws(RedisError) -> Socket {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, Int32(IPPROTO_TCP))
        guard descriptor >= 0 else { throw .connect(text(errno)) }
        let connecting = Socket(descriptor)
        connecting.setOptions()
        let status = address.withPointer { connect(descriptor, $0, $1) }
        if status != 0, errno != EINPROGRESS { throw .connect(text(errno)) }
        return connecting
    }

    /// Small writes go out at once; a peer that vanished is noticed within about 30 s even when nothing is sent.
    private borrowing func setOptions() {
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 15)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
        set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 30_000)
    }

    private borrowing func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        // An option the kernel does not know leaves its default; the connection works without it.
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// After the socket became writable: why connecting failed, or nil when it is connected.
    borrowing func connectFailure() -> String? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return Self.text(errno) }
        return code == 0 ? nil : Self.text(code)
    }

    borrowing func read(into buffer: UnsafeMutableRawBufferPointer) -> StreamProgress {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended("closed by the other side") }
            if errno == EAGAIN || errno == EWOULDBLOCK { return .wouldBlock }
            if errno != EINTR { return .ended(Self.text(errno)) }
        }
    }

    borrowing func write(_ bytes: UnsafeRawBufferPointer) -> StreamProgress {
        while true {
            let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            if errno == EAGAIN || errno == EWOULDBLOCK { return .wouldBlock }
            if errno != EINTR { return .ended(Self.text(errno)) }
        }
    }

    /// glibc's strerror is safe to call from any thread (https://man7.org/linux/man-pages/man3/strerror.3.html).
    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
