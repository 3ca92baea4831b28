#if canImport(Glibc)
import Glibc
#endif

/// An address of a client, IPv4 or IPv6. An IPv4 address is kept as the IPv6 address it is mapped to, so that a socket
/// of both families says the same as one of IPv4.
struct IPAddress: Sendable, Hashable {
    let bits: UInt128

    private static let mapped: UInt128 = 0xffff << 32

    init(bits: UInt128) { self.bits = bits }

    /// A literal without brackets, port and zone. `nil` for everything else.
    init?(_ text: some StringProtocol) {
        let text = String(text)
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bits = Self.mapped | UInt128(UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bits = withUnsafeBytes(of: &six) { $0.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
        } else {
            return nil
        }
    }

    var isIPv4: Bool { bits >> 32 == 0xffff }

    /// What one client is counted by: an IPv4 address, or the 64 bits of which an IPv6 client has all addresses.
    var neighbourhood: String {
        isIPv4 ? description : "\(IPAddress(bits: bits & ~UInt128(UInt64.max)))/64"
    }
}

extension IPAddress: CustomStringConvertible {
    var description: String {
        if isIPv4 {
            return (0..<4).map { String(UInt8(truncatingIfNeeded: bits >> (24 - 8 * $0))) }.joined(separator: ".")
        }
        var six = in6_addr()
        withUnsafeMutableBytes(of: &six) { bytes in
            for index in 0..<16 { bytes[index] = UInt8(truncatingIfNeeded: bits >> (120 - 8 * index)) }
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &six, &text, socklen_t(text.count)) != nil else { return "" }
        return text.withUnsafeBufferPointer { String(decoding: $0.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self) }
    }
}
