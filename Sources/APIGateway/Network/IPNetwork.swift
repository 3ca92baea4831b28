/// Addresses that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
struct IPNetwork: Sendable, Hashable {
    let base: IPAddress
    private let mask: UInt128

    /// `nil` for what is no network: also when the base has bits beyond its prefix, which is a mistake more often than
    /// it is meant.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = IPAddress(parts[0]) else { return nil }
        let isWrittenAsIPv4 = !parts[0].contains(":")
        let width = isWrittenAsIPv4 ? 32 : 128
        var length = width
        if parts.count == 2 {
            let isPlain =
                parts[1] == "0" || (parts[1].first != "0" && parts[1].utf8.allSatisfy { (48...57).contains($0) })
            guard isPlain, let number = Int(parts[1]), (0...width).contains(number) else { return nil }
            length = number
        }
        let bits = length + 128 - width
        let mask = bits == 0 ? 0 : UInt128.max << (128 - bits)
        guard base.bits & ~mask == 0 else { return nil }
        (self.base, self.mask) = (base, mask)
    }

    func contains(_ address: IPAddress) -> Bool { address.bits & mask == base.bits }
}
