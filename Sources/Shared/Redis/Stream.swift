import Glibc

/// A socket, with TLS on it when the URL says so.
struct Stream: ~Copyable {
    private let socket: Socket
    private var session: TLSSession?

    init(connectingTo address: SocketAddress) throws(RedisError) {
        socket = try Socket.connecting(to: address)
        session = nil
    }

    var descriptor: Int32 { borrowing get { socket.descriptor } }
    var isEncrypted: Bool { borrowing get { session != nil } }

    borrowing func connectFailure() -> String? { socket.connectFailure() }

    /// Starts TLS; `handshake` carries it through.
    mutating func secure(_ context: borrowing TLSContext, host: String) throws(RedisError) {
        session = try context.session(on: socket.descriptor, host: host)
    }

    mutating func handshake() -> StreamProgress {
        if session == nil { return .bytes(0) }
        return session!.handshake()
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> StreamProgress {
        if session == nil { return socket.read(into: buffer) }
        return session!.read(into: buffer)
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) -> StreamProgress {
        if session == nil { return socket.write(bytes) }
        return session!.write(bytes)
    }

    /// The poll(2) events that let it go on.
    mutating func events(hasOutput: Bool) -> Int16 {
        let waitsForWrite = session?.readWaitsForWrite ?? false
        let waitsForRead = session?.writeWaitsForRead ?? false
        let wantsWrite = (hasOutput && !waitsForRead) || waitsForWrite
        return Int16(POLLIN) | (wantsWrite ? Int16(POLLOUT) : 0)
    }
}
