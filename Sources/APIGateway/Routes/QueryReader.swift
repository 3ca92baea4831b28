import Domain
import Hummingbird
import HummingbirdCore

/// Reads query parameters within bounds.
struct QueryReader {
    let request: Request

    /// A plus is a space, as forms and the clients of most languages write it
    /// (https://url.spec.whatwg.org/#application/x-www-form-urlencoded); a real one comes as %2B.
    private var parameters: FlatDictionary<Substring, Substring> {
        guard let query = request.uri.query, query.utf8.contains(UInt8(ascii: "+")) else {
            return request.uri.queryParameters
        }
        return URI("/?" + query.replacing("+", with: "%20")).queryParameters
    }

    func text(_ name: String) -> String? { parameters[Substring(name)].map(String.init) }

    /// - Throws: `Problem` (422) when the value is no whole number in the range.
    func int(_ name: String, default value: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = text(name) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw Problem.invalid(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A value that reads itself from text.
    /// - Throws: `Problem` (422) when it cannot; `InvalidCommand` for what no text may hold.
    func value<Value>(_ name: String, _ read: (String) -> Value?, _ expected: String) throws -> Value? {
        guard let text = text(name) else { return nil }
        try StoredText.check(name, text)
        guard let value = read(text) else { throw Problem.invalid(name, expected) }
        return value
    }

    /// Values that read themselves from text: between commas, in a parameter that is repeated, or both. None: it is
    /// not there.
    func values<Value>(_ name: String, _ read: (String) -> Value?, _ expected: String) throws -> [Value] {
        let texts = parameters[values: Substring(name)].flatMap {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        return try texts.map { text in
            guard let value = read(String(text)) else { throw Problem.invalid(name, expected) }
            return value
        }
    }

    /// Where a page begins. `nil`: at the start of the list.
    func cursor<Value>(_ read: (String) -> Value?) throws -> Value? {
        try value("cursor", read, "must be a next_cursor of an earlier answer")
    }

    /// How many entries a page holds.
    func limit() throws -> Int { try int("limit", default: 50, in: 1...200) }
}
