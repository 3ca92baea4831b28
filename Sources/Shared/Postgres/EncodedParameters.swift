import FoundationEssentials

/// A statement's parameters in one buffer, in the form libpq takes: types, offsets, lengths.
/// Source of the array form: array_recv in
/// https://github.com/postgres/postgres/blob/REL_15_STABLE/src/backend/utils/adt/arrayfuncs.c
struct EncodedParameters: Sendable {
    /// 0 lets the server decide; only nulls use it.
    private(set) var types: [UInt32] = []
    /// -1 is null.
    private(set) var lengths: [Int32] = []
    private var offsets: [Int] = []
    private var bytes: [UInt8] = []

    /// PostgreSQL's protocol counts parameters in 16 bits.
    static let maxCount = 65_535

    init(_ values: [PostgresValue], of statement: Statement) throws(PostgresError) {
        guard values.count <= Self.maxCount else { throw .encoding(statement: statement.name) }
        types.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        offsets.reserveCapacity(values.count)
        for value in values {
            let start = bytes.count
            guard let type = append(value), bytes.count - start <= Int(Int32.max) else {
                throw .encoding(statement: statement.name)
            }
            types.append(type)
            offsets.append(start)
            lengths.append(type == 0 ? -1 : Int32(bytes.count - start))
        }
    }

    var count: Int { types.count }

    /// The pointers hold while `body` runs. Every parameter that is not null gets a pointer, an empty one too.
    func withPointers<Result>(_ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
        bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            return withUnsafePointer(to: 0 as CChar) { empty in
                body(
                    zip(offsets, lengths).map { offset, length in length < 0 ? nil : base.map { $0 + offset } ?? empty }
                )
            }
        }
    }

    /// The type's OID, 0 for null; nil when the value has no binary form.
    private mutating func append(_ value: PostgresValue) -> UInt32? {
        switch value {
        case .null: return 0
        case .bool(let value):
            bytes.append(value ? 1 : 0)
            return PostgresType.bool
        case .int(let value):
            append(Int64(value))
            return PostgresType.int8
        case .int32(let value):
            append(value)
            return PostgresType.int4
        case .double(let value):
            append(value.bitPattern)
            return PostgresType.float8
        case .text(let value):
            bytes.append(contentsOf: value.utf8)
            return PostgresType.text
        case .bytes(let value):
            bytes.append(contentsOf: value)
            return PostgresType.bytea
        case .uuid(let value):
            append(value)
            return PostgresType.uuid
        case .json(let value):
            appendJSON(value)
            return PostgresType.jsonb
        case .timestamp(let value): return append(value) ? PostgresType.timestamptz : nil
        default: return appendArray(value)
        }
    }

    private mutating func appendArray(_ value: PostgresValue) -> UInt32? {
        switch value {
        case .uuids(let values):
            array(values, PostgresType.uuid) { $0.append($1) }
            return PostgresType.uuidArray
        case .optionalUUIDs(let values):
            array(values, PostgresType.uuid) { $0.append($1) }
            return PostgresType.uuidArray
        case .texts(let values):
            array(values, PostgresType.text) { $0.bytes.append(contentsOf: $1.utf8) }
            return PostgresType.textArray
        case .optionalTexts(let values):
            array(values, PostgresType.text) { $0.bytes.append(contentsOf: $1.utf8) }
            return PostgresType.textArray
        case .int32s(let values):
            array(values, PostgresType.int4) { $0.append($1) }
            return PostgresType.int4Array
        case .ints(let values):
            array(values, PostgresType.int8) { $0.append(Int64($1)) }
            return PostgresType.int8Array
        case .bools(let values):
            array(values, PostgresType.bool) { $0.bytes.append($1 ? 1 : 0) }
            return PostgresType.boolArray
        case .jsons(let values):
            array(values, PostgresType.jsonb) { $0.appendJSON($1) }
            return PostgresType.jsonbArray
        case .byteArrays(let values):
            array(values, PostgresType.bytea) { $0.bytes.append(contentsOf: $1) }
            return PostgresType.byteaArray
        case .timestamps(let values):
            var allFit = true
            array(values, PostgresType.timestamptz) { allFit = $0.append($1) && allFit }
            return allFit ? PostgresType.timestamptzArray : nil
        default: return nil
        }
    }

    /// One dimension, lower bound 1; no dimension at all when empty.
    private mutating func array<Element>(
        _ values: [Element?], _ elementType: UInt32, _ appendElement: (inout Self, Element) -> Void
    ) {
        append(Int32(values.isEmpty ? 0 : 1))
        append(Int32(values.contains { $0 == nil } ? 1 : 0))
        append(elementType)
        if values.isEmpty { return }
        append(Int32(clamping: values.count))
        append(1 as Int32)
        for value in values {
            guard let value else {
                append(-1 as Int32)
                continue
            }
            let lengthOffset = bytes.count
            append(0 as Int32)
            appendElement(&self, value)
            let length = Int32(clamping: bytes.count - lengthOffset - 4).bigEndian
            withUnsafeBytes(of: length) { bytes.replaceSubrange(lengthOffset..<lengthOffset + 4, with: $0) }
        }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ value: UUID) {
        withUnsafeBytes(of: value.uuid) { bytes.append(contentsOf: $0) }
    }

    /// False when the date is no number.
    private mutating func append(_ value: Date) -> Bool {
        guard let microseconds = PostgresDate.microseconds(value) else { return false }
        append(microseconds)
        return true
    }

    /// jsonb's binary form is a version byte and the text.
    private mutating func appendJSON(_ value: [UInt8]) {
        bytes.append(1)
        bytes.append(contentsOf: value)
    }
}
