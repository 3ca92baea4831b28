/// The words of an encoded command, found again.
struct EncodedWords {
    private let bytes: [UInt8]
    private var ranges: [Range<Int>] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var position = 0
        let count = Self.number(in: bytes, at: &position)
        ranges.reserveCapacity(count)
        for _ in 0..<count {
            let length = Self.number(in: bytes, at: &position)
            ranges.append(position..<(position + length))
            position += length + 2
        }
    }

    var count: Int { ranges.count }
    var isEmpty: Bool { ranges.isEmpty }
    subscript(index: Int) -> ArraySlice<UInt8> { bytes[ranges[index]] }

    func number(at index: Int) -> Int? {
        index < count ? Int(String(decoding: self[index], as: UTF8.self)) : nil
    }

    /// The number after the type's byte; leaves the position behind the line's end.
    private static func number(in bytes: [UInt8], at position: inout Int) -> Int {
        var value = 0
        position += 1
        while bytes[position] != UInt8(ascii: "\r") {
            value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
            position += 1
        }
        position += 2
        return value
    }
}
