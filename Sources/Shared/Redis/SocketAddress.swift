import Glibc

/// An address to connect to, as getaddrinfo gives it.
struct SocketAddress: Sendable {
    let family: Int32
    private let bytes: [UInt8]

    init(family: Int32, bytes: [UInt8]) {
        self.family = family
        self.bytes = bytes
    }

    func withPointer<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        var storage = sockaddr_storage()
        return withUnsafeMutableBytes(of: &storage) { target in
            target.copyBytes(from: bytes.prefix(target.count))
            // The memory of `storage` is bound to sockaddr only for this call, as the C API wants it.
            return target.withMemoryRebound(to: sockaddr.self) { body($0.baseAddress!, socklen_t(bytes.count)) }
        }
    }

    /// Blocks while DNS is asked unless `isNumeric`. Throws getaddrinfo's reason as `.connect`.
    static func resolve(host: String, port: Int, isNumeric: Bool) throws(RedisError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | (isNumeric ? AI_NUMERICHOST : AI_ADDRCONFIG)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else { throw .connect(String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry {
            let bytes = UnsafeRawBufferPointer(start: current.pointee.ai_addr, count: Int(current.pointee.ai_addrlen))
            addresses.append(SocketAddress(family: current.pointee.ai_family, bytes: Array(bytes)))
            entry = current.pointee.ai_next
        }
        return addresses
    }
}
