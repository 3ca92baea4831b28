import Hummingbird

/// Reads bodies of `application/x-www-form-urlencoded` (https://url.spec.whatwg.org/#urlencoded-parsing).
enum FormReader {
    static func isForm(_ request: Request) -> Bool {
        let type = request.headers[.contentType]?.split(separator: ";").first ?? ""
        return type.trimmingPrefix(while: { $0 == " " }).lowercased() == "application/x-www-form-urlencoded"
    }

    /// The first value of each name. `nil` when a text is not UTF-8.
    static func fields(_ bytes: [UInt8]) -> [String: String]? {
        var fields: [String: String] = [:]
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = text(parts[0]), let value = text(parts.count == 2 ? parts[1] : []) else { return nil }
            if fields[name] == nil { fields[name] = value }
        }
        return fields
    }

    /// One part of a path, where a plus is a plus. `nil` when it is not UTF-8.
    static func segment(_ text: String) -> String? { self.text(text.utf8, plus: "+") }

    private static func text(_ bytes: some Collection<UInt8>, plus: Unicode.Scalar = " ") -> String? {
        var decoded: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                decoded.append(UInt8(ascii: plus))
            } else if byte == UInt8(ascii: "%"), let value = hex(rest.prefix(2)) {
                decoded.append(value)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func hex(_ digits: ArraySlice<UInt8>) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
