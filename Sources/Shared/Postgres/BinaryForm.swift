import FoundationEssentials

/// PostgreSQL's binary results, by type. Each decoder takes the bytes and the type's OID and gives nil when they do not
/// fit together.
enum BinaryForm {
    static func integer<Value: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, as: Value.Type = Value.self)
        -> Value?
    {
        guard bytes.count == MemoryLayout<Value>.size else { return nil }
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }

    static func int(_ bytes: UnsafeRawBufferPointer, _ type: UInt32) -> Int? {
        switch type {
        case PostgresType.int8: integer(bytes, as: Int64.self).map(Int.init)
        case PostgresType.int4: integer(bytes, as: Int32.self).map(Int.init)
        case PostgresType.int2: integer(bytes, as: Int16.self).map(Int.init)
        default: nil
        }
    }

    static func double(_ bytes: UnsafeRawBufferPointer, _ type: UInt32) -> Double? {
        switch type {
        case PostgresType.float8: integer(bytes, as: UInt64.self).map(Double.init(bitPattern:))
        case PostgresType.float4: integer(bytes, as: UInt32.self).map { Double(Float(bitPattern: $0)) }
        default: nil
        }
    }

    static func bool(_ bytes: UnsafeRawBufferPointer, _ type: UInt32) -> Bool? {
        guard type == PostgresType.bool, bytes.count == 1 else { return nil }
        return bytes[0] != 0
    }

    static func text(_ bytes: UnsafeRawBufferPointer, _ type: UInt32) -> String? {
        guard PostgresType.isText(type) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    static func bytes(_ bytes: UnsafeRawBufferPointer, _ type: UInt32) -> [UInt8]? {
        type == PostgresType.bytea ? Array(bytes) : nil
    }

    /// jsonb's binary form is a version byte, always 1, and the text.
    static func json(_ bytes: UnsafeRawBufferPointer, _ type: UInt32) -> [UInt8]? {
        switch type {
        case PostgresType.json: Array(bytes)
        case PostgresType.jsonb where bytes.first == 1: Array(bytes.dropFirst())
        default: nil
        }
    }

    static func uuid(_ bytes: UnsafeRawBufferPointer, _ type: UInt32) -> UUID? {
        guard type == PostgresType.uuid, bytes.count == 16 else { return nil }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }

    static func timestamp(_ bytes: UnsafeRawBufferPointer, _ type: UInt32) -> Date? {
        guard type == PostgresType.timestamptz || type == PostgresType.timestamp else { return nil }
        return integer(bytes, as: Int64.self).flatMap(PostgresDate.date)
    }

    /// An array of at most one dimension: dimensions, has-nulls flag, element type, then per dimension size and lower
    /// bound, then each element's length (-1 null) and bytes.
    static func array<Value>(
        _ bytes: UnsafeRawBufferPointer, _ decode: (UnsafeRawBufferPointer, UInt32) -> Value?
    ) -> [Value?]? {
        var rest = bytes[...]
        guard let dimensions: Int32 = take(&rest), let _: Int32 = take(&rest), let type: UInt32 = take(&rest) else {
            return nil
        }
        if dimensions == 0 { return [] }
        guard dimensions == 1, let count: Int32 = take(&rest), let _: Int32 = take(&rest), count <= rest.count / 4
        else {
            return nil
        }
        var values: [Value?] = []
        values.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let length: Int32 = take(&rest) else { return nil }
            if length < 0 {
                values.append(nil)
                continue
            }
            guard rest.count >= length, let value = decode(.init(rebasing: rest.prefix(Int(length))), type) else {
                return nil
            }
            values.append(value)
            rest = rest.dropFirst(Int(length))
        }
        return values
    }

    private static func take<Value: FixedWidthInteger>(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Value? {
        let size = MemoryLayout<Value>.size
        guard rest.count >= size else { return nil }
        defer { rest = rest.dropFirst(size) }
        return integer(.init(rebasing: rest.prefix(size)))
    }
}
