/// A JSON text as RFC 8259 has it, read without mercy: a name that appears twice, more nesting than `maxDepth`, half of
/// a surrogate pair, bytes that are no UTF-8 and anything behind the value are refused. What two readers could
/// understand differently must not decide who somebody is.
enum StrictJSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// Written without fraction and exponent, and an Int64.
    case integer(Int64)
    /// Any other number. Nothing here needs its value.
    case otherNumber
    case string(String)
    case array([StrictJSON])
    case object([String: StrictJSON])

    static let maxDepth = 16

    /// `nil` for anything that is not exactly one JSON value.
    init?(_ bytes: some Collection<UInt8>) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var reader = StrictJSONReader(Array(text.utf8))
        guard let value = reader.document() else { return nil }
        self = value
    }

    var object: [String: StrictJSON]? {
        if case .object(let members) = self { members } else { nil }
    }

    var array: [StrictJSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }
}
