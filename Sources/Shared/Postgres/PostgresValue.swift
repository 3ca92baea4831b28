package import FoundationEssentials

/// A bound parameter, sent in PostgreSQL's binary form and with its type, so that the server never guesses.
package enum PostgresValue: Sendable {
    /// Takes the type the statement expects.
    case null
    case bool(Bool)
    /// int8
    case int(Int)
    /// int4
    case int32(Int32)
    /// float8
    case double(Double)
    /// text; the server refuses a NUL character
    case text(String)
    /// bytea
    case bytes([UInt8])
    case uuid(UUID)
    /// jsonb: UTF-8 of one JSON value
    case json([UInt8])
    /// timestamptz, rounded to microseconds; beyond PostgreSQL's range it becomes ±infinity
    case timestamp(Date)
    case uuids([UUID])
    case texts([String])
    case optionalTexts([String?])
    /// int4[]
    case int32s([Int32])
    /// int8[]
    case ints([Int])
    case bools([Bool])
    /// float8[]
    case doubles([Double])
    /// jsonb[]
    case jsons([[UInt8]?])
    /// timestamptz[]
    case timestamps([Date?])
    case optionalUUIDs([UUID?])
    /// bytea[]
    case byteArrays([[UInt8]?])

    /// A value, or null when there is none.
    package static func optional<Wrapped>(_ value: Wrapped?, _ make: (Wrapped) -> PostgresValue) -> PostgresValue {
        value.map(make) ?? .null
    }
}

extension PostgresValue: CustomStringConvertible, CustomReflectable {
    /// Never the value: a parameter may be a secret.
    package var description: String { "bound value" }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .enum) }
}
