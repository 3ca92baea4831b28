/// The OIDs of the built-in types this driver speaks.
/// Source: https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat
enum PostgresType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let char: UInt32 = 18
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let unknown: UInt32 = 705
    static let boolArray: UInt32 = 1000
    static let byteaArray: UInt32 = 1001
    static let int4Array: UInt32 = 1007
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let float8Array: UInt32 = 1022
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let timestamp: UInt32 = 1114
    static let timestamptz: UInt32 = 1184
    static let timestamptzArray: UInt32 = 1185
    static let uuid: UInt32 = 2950
    static let uuidArray: UInt32 = 2951
    static let jsonb: UInt32 = 3802
    static let jsonbArray: UInt32 = 3807

    /// Enums and other types of the user's own: they have no fixed number; an enum's binary form is its label.
    static let firstUserDefined: UInt32 = 16384

    /// A type with a text form that is also its binary form.
    static func isText(_ oid: UInt32) -> Bool {
        switch oid {
        case text, varchar, bpchar, name, char, unknown, json: true
        default: oid >= firstUserDefined
        }
    }
}

extension PostgresValue {
    /// What the parameter is declared as; 0 lets the server decide.
    var type: UInt32 {
        switch self {
        case .null: 0
        case .bool: PostgresType.bool
        case .int: PostgresType.int8
        case .int32: PostgresType.int4
        case .double: PostgresType.float8
        case .text: PostgresType.text
        case .bytes: PostgresType.bytea
        case .uuid: PostgresType.uuid
        case .json: PostgresType.jsonb
        case .timestamp: PostgresType.timestamptz
        case .uuids, .optionalUUIDs: PostgresType.uuidArray
        case .texts, .optionalTexts: PostgresType.textArray
        case .int32s: PostgresType.int4Array
        case .ints: PostgresType.int8Array
        case .bools: PostgresType.boolArray
        case .doubles: PostgresType.float8Array
        case .jsons: PostgresType.jsonbArray
        case .timestamps: PostgresType.timestamptzArray
        case .byteArrays: PostgresType.byteaArray
        }
    }
}
