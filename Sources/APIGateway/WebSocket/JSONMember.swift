/// Finds a member of a JSON object as the bytes it was sent in, so that a request within a message is the same request
/// that it is as a body of its own: also for its Idempotency-Key, which stands for those bytes.
enum JSONMember {
    /// - Parameter object: text that was read as one JSON object; of anything else the answer is arbitrary.
    /// - Returns: the first member's value. `nil`: there is none by this name, written without escapes.
    static func value(of name: String, in object: some Collection<UInt8>) -> [UInt8]? {
        var scanner = Scanner(bytes: Array(object))
        let key = Array("\"\(name)\"".utf8)
        scanner.skip { $0 != UInt8(ascii: "{") }
        scanner.position += 1
        while true {
            scanner.skip { Scanner.spaces.contains($0) || $0 == UInt8(ascii: ",") }
            guard scanner.current == UInt8(ascii: "\"") else { return nil }
            let found = scanner.takeValue()
            scanner.skip { $0 != UInt8(ascii: ":") }
            scanner.position += 1
            scanner.skip { Scanner.spaces.contains($0) }
            let value = scanner.takeValue()
            if found.elementsEqual(key) { return Array(value) }
        }
    }

    private struct Scanner {
        static let spaces: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
        static let ends: [UInt8] = spaces + [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")]

        let bytes: [UInt8]
        var position = 0

        var current: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skip(while test: (UInt8) -> Bool) {
            while let byte = current, test(byte) { position += 1 }
        }

        mutating func takeValue() -> ArraySlice<UInt8> {
            let start = min(position, bytes.count)
            switch current {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["): skipNested()
            default: skip { !Self.ends.contains($0) }
            }
            return bytes[start..<min(position, bytes.count)]
        }

        private mutating func skipString() {
            position += 1
            while let byte = current, byte != UInt8(ascii: "\"") {
                position += byte == UInt8(ascii: "\\") ? 2 : 1
            }
            position += 1
        }

        private mutating func skipNested() {
            var depth = 0
            while let byte = current {
                switch byte {
                case UInt8(ascii: "\""):
                    skipString()
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                position += 1
                if depth == 0 { return }
            }
        }
    }
}
