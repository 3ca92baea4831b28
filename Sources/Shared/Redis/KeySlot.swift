/// Which of the 16,384 parts of a cluster's key space a key lies in
/// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model).
enum KeySlot {
    static let count = 16_384

    /// Only the hash tag counts: what stands between the first `{` and the next `}`, unless that is nothing.
    static func of(_ key: some Collection<UInt8>) -> Int {
        if let open = key.firstIndex(of: UInt8(ascii: "{")) {
            let start = key.index(after: open)
            if let close = key[start...].firstIndex(of: UInt8(ascii: "}")), close > start {
                return Int(crc16(key[start..<close])) % count
            }
        }
        return Int(crc16(key)) % count
    }

    /// CRC-16/XMODEM.
    static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var crc: UInt16 = 0
        for byte in bytes { crc = (crc << 8) ^ table[Int((crc >> 8) ^ UInt16(byte))] }
        return crc
    }

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { crc, _ in crc & 0x8000 == 0 ? crc << 1 : (crc << 1) ^ 0x1021 }
    }
}
