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
        var text = TextWatch()
        return json.filter { text.isInside($0) || $0 > 0x20 }
    }

    private mutating func skip(_ character: Unicode.Scalar) {
        precondition(rest.first == UInt8(ascii: character), "the document is no JSON object")
        rest = rest.dropFirst()
    }

    /// Up to what separates values on this level.
    private mutating func value() -> ArraySlice<UInt8> {
        var depth = 0
        var text = TextWatch()
        let end = rest.firstIndex { byte in
            if text.isInside(byte) { return false }
            if depth == 0, ",:}]".utf8.contains(byte) { return true }
            if "{[".utf8.contains(byte) { depth += 1 }
            if "}]".utf8.contains(byte) { depth -= 1 }
            return false
        }
        guard let end else { preconditionFailure("the document is no JSON object") }
        defer { rest = rest[end...] }
        return rest[..<end]
    }
}

/// Knows of JSON's bytes, one after the other, which are inside of a text.
private struct TextWatch {
    private var isText = false
    private var isEscaped = false

    /// The quote that begins a text is not, the one that ends it is.
    mutating func isInside(_ byte: UInt8) -> Bool {
        let isQuote = byte == UInt8(ascii: "\"")
        guard isText else {
            isText = isQuote
            return false
        }
        isText = isEscaped || !isQuote
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        return true
    }
}
