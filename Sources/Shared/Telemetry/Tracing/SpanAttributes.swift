/// What is said about a span, by the names of the semantic conventions. Never a secret, never what a user wrote.
package typealias SpanAttributes = [String: SpanAttribute]

package enum SpanAttribute: Sendable, Equatable {
    case string(String)
    case int(Int)
    case double(Double)
    case bool(Bool)
    case strings([String])

    /// Bound on the UTF-8 of each text and on the texts of each list; what is beyond is cut off.
    static let limitBytes = 4_096
    static let maxStrings = 128

    var bounded: SpanAttribute {
        switch self {
        case .string(let text): .string(Self.cut(text))
        case .strings(let texts): .strings(texts.prefix(Self.maxStrings).map(Self.cut))
        case .int, .double, .bool: self
        }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > limitBytes else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: limitBytes)
        while end.samePosition(in: text.unicodeScalars) == nil { text.utf8.formIndex(before: &end) }
        return String(text[..<end])
    }
}

extension SpanAttribute: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: String...) { self = .strings(elements) }
}
