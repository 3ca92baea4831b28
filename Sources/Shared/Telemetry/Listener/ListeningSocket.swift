internal import Glibc

/// A bound TCP socket that takes connections and does not block.
struct ListeningSocket: ~Copyable {
    /// Clients beyond it wait for their next attempt to connect, a second or more.
    private static let backlog: Int32 = 1024

    let descriptor: Int32
    /// The port it has, also when it was asked for port 0.
    let port: UInt16

    /// - Parameter host: an address or a name; the first address that can be bound is taken.
    init(host: String, port: UInt16) throws(TelemetryError) {
        let address = "\(host):\(port)"
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0 else { throw .unknownHost(address: address, code: code) }
        defer { freeaddrinfo(found) }
        var failure = TelemetryError.unknownHost(address: address, code: EAI_NONAME)
        var next = found
        while let candidate = next {
            switch Self.bind(candidate.pointee) {
            case .success(let bound):
                (descriptor, self.port) = bound
                return
            case .failure(let fault):
                failure = .listen(operation: fault.operation, address: address, code: fault.code)
            }
            next = candidate.pointee.ai_next
        }
        throw failure
    }

    deinit {
        close(descriptor)
    }

    private struct Fault: Error {
        let operation: StaticString
        let code: Int32
    }

    private static func bind(_ info: addrinfo) -> Result<(descriptor: Int32, port: UInt16), Fault> {
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(info.ai_family, info.ai_socktype | flags, info.ai_protocol)
        guard descriptor >= 0 else { return .failure(Fault(operation: "socket", code: errno)) }
        func fail(_ operation: StaticString) -> Result<(descriptor: Int32, port: UInt16), Fault> {
            let fault = Fault(operation: operation, code: errno)
            close(descriptor)
            return .failure(fault)
        }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard Glibc.bind(descriptor, info.ai_addr, info.ai_addrlen) == 0 else { return fail("bind") }
        guard listen(descriptor, backlog) == 0 else { return fail("listen") }
        guard let port = port(of: descriptor) else { return fail("getsockname") }
        return .success((descriptor, port))
    }

    /// IPv4 and IPv6 addresses have the port at the same place.
    private static func port(of descriptor: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes -> UInt16? in
            guard let base = bytes.baseAddress,
                getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length) == 0
            else { return nil }
            return UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
        }
    }
}
