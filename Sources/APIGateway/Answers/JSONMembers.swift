/// Takes apart JSON of our own, in its order and without decoding what is only passed on. Traps on anything that is no
/// JSON object: the program was built with a broken document.
struct JSONMembers {
    /// The name with its quotes, and the value.
    typealias Member = (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)

    private var rest: ArraySlice<UInt8>

    /// - Parameter object: one JSON object without blanks between its parts, as `compact` makes it.
    static func read(_ object: ArraySlice<UInt8>) -> [Member] {
        var reader = JSONMembers(rest: object)
        reader.skip("{")
        var members: [Member] = []
        while reader.rest.first != UInt8(ascii: "}") {
            if !members.isEmpty { reader.skip(",") }
            let name = reader.value()
            reader.skip(":")
            members.append((name, reader.value()))
        }
        return members
    }

    /// The same JSON without the blanks that mean nothing.
    static func compact(_ json: [UInt8]) -> [UInt8] {
        var isText = false
        var isEscaped = false
        return json.filter { byte in
            if isText {
                if isEscaped {
                    isEscaped = false
                } else {
                    isEscaped = byte == UInt8(ascii: "\\")
                    isText = byte != UInt8(ascii: "\"")
                }
                return true
            }
            isText = byte == UInt8(ascii: "\"")
            return byte > 0x20
        }
    }

    private mutating func skip(_ character: Unicode.Scalar) {
        precondition(rest.first == UInt8(ascii: character), "the document is no JSON object")
        rest = rest.dropFirst()
    }

    /// Up to what separates values on this level.
    private mutating func value() -> ArraySlice<UInt8> {
        var depth = 0
        var isText = false
        var isEscaped = false
        let end = rest.firstIndex { byte in
            if isText {
                if isEscaped {
                    isEscaped = false
                } else {
                    isEscaped = byte == UInt8(ascii: "\\")
                    isText = byte != UInt8(ascii: "\"")
                }
                return false
            }
            if depth == 0, ",:}]".utf8.contains(byte) { return true }
            isText = byte == UInt8(ascii: "\"")
            if "{[".utf8.contains(byte) { depth += 1 }
            if "}]".utf8.contains(byte) { depth -= 1 }
            return false
        }
        guard let end else { preconditionFailure("the document is no JSON object") }
        defer { rest = rest[end...] }
        return rest[..<end]
    }
}
