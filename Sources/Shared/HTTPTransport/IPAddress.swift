internal import Glibc

/// An address in host form, as the egress policy judges it.
enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    /// Sixteen bytes in network order.
    case v6([UInt8])

    /// From a literal without brackets; `nil` when the text is a name.
    init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self = .v4(UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, Self.withoutZone(text), &six) == 1 {
            self = .v6(withUnsafeBytes(of: six) { Array($0) })
        } else {
            return nil
        }
    }

    /// From a socket address; `nil` when its family is neither IPv4 nor IPv6.
    init?(_ address: UnsafePointer<sockaddr>, byteCount: Int) {
        let bytes = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET where byteCount >= MemoryLayout<sockaddr_in>.size:
            self = .v4(UInt32(bigEndian: bytes.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6 where byteCount >= MemoryLayout<sockaddr_in6>.size:
            self = .v6(withUnsafeBytes(of: bytes.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) })
        default:
            return nil
        }
    }

    /// Whether the address is on the public internet: what IANA's special-purpose registries set aside is not.
    /// https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry
    var isPublic: Bool {
        switch self {
        case .v4(let address):
            return !Self.specialNetworks.contains { address & $0.mask == $0.network }
        case .v6(let bytes):
            if let embedded = Self.embeddedIPv4(bytes) { return IPAddress.v4(embedded).isPublic }
            // Only 2000::/3 is global unicast: loopback, ULA, link-local, site-local and multicast are outside.
            guard bytes[0] & 0xe0 == 0x20 else { return false }
            let head = UInt32(bytes[0]) << 24 | UInt32(bytes[1]) << 16 | UInt32(bytes[2]) << 8 | UInt32(bytes[3])
            let isProtocolAssignment = head & 0xffff_fe00 == 0x2001_0000  // 2001::/23, Teredo among them
            let isDocumentation = head == 0x2001_0db8 || head & 0xffff_f000 == 0x3fff_0000
            let is6to4 = head & 0xffff_0000 == 0x2002_0000  // leads to any IPv4 address through a relay
            return !(isProtocolAssignment || isDocumentation || is6to4)
        }
    }

    /// The IPv4 address that ::ffff:0:0/96 (mapped) and 64:ff9b::/96 (NAT64) really lead to.
    private static func embeddedIPv4(_ bytes: [UInt8]) -> UInt32? {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        let translated: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
        guard bytes.starts(with: mapped) || bytes.starts(with: translated) else { return nil }
        return bytes[12...].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func withoutZone(_ text: String) -> String {
        text.firstIndex(of: "%").map { String(text[..<$0]) } ?? text
    }

    private static func network(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ bits: UInt32) -> (
        network: UInt32, mask: UInt32
    ) {
        (a << 24 | b << 16 | c << 8 | d, UInt32.max << (32 - bits))
    }

    private static let specialNetworks = [
        network(0, 0, 0, 0, 8), network(10, 0, 0, 0, 8), network(100, 64, 0, 0, 10), network(127, 0, 0, 0, 8),
        network(168, 63, 129, 16, 32),  // Azure's host agent answers there from inside
        network(169, 254, 0, 0, 16), network(172, 16, 0, 0, 12), network(192, 0, 0, 0, 24), network(192, 0, 2, 0, 24),
        network(192, 88, 99, 0, 24), network(192, 168, 0, 0, 16), network(198, 18, 0, 0, 15),
        network(198, 51, 100, 0, 24), network(203, 0, 113, 0, 24), network(224, 0, 0, 0, 4), network(240, 0, 0, 0, 4),
    ]
}
