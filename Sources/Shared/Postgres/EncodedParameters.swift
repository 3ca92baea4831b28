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
            guard append(value), bytes.count - start <= Int(Int32.max) else {
                throw .encoding(statement: statement.name)
            }
            let type = value.type
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

    /// False when the value has no binary form.
    private mutating func append(_ value: PostgresValue) -> Bool {
        switch value {
        case .null: break
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .int(let value): append(Int64(value))
        case .int32(let value): append(value)
        case .double(let value): append(value.bitPattern)
        case .text(let value): bytes.append(contentsOf: value.utf8)
        case .bytes(let value): bytes.append(contentsOf: value)
        case .uuid(let value): append(value)
        case .json(let value): appendJSON(value)
        case .timestamp(let value): return append(value)
        default: return appendArray(value)
        }
        return true
    }

    private mutating func appendArray(_ value: PostgresValue) -> Bool {
        switch value {
        case .uuids(let values): array(values, PostgresType.uuid) { $0.append($1) }
        case .optionalUUIDs(let values): array(values, PostgresType.uuid) { $0.append($1) }
        case .texts(let values): array(values, PostgresType.text) { $0.bytes.append(contentsOf: $1.utf8) }
        case .optionalTexts(let values): array(values, PostgresType.text) { $0.bytes.append(contentsOf: $1.utf8) }
        case .int32s(let values): array(values, PostgresType.int4) { $0.append($1) }
        case .ints(let values): array(values, PostgresType.int8) { $0.append(Int64($1)) }
        case .bools(let values): array(values, PostgresType.bool) { $0.bytes.append($1 ? 1 : 0) }
        case .doubles(let values): array(values, PostgresType.float8) { $0.append($1.bitPattern) }
        case .jsons(let values): array(values, PostgresType.jsonb) { $0.appendJSON($1) }
        case .byteArrays(let values): array(values, PostgresType.bytea) { $0.bytes.append(contentsOf: $1) }
        case .timestamps(let values):
            var allFit = true
            array(values, PostgresType.timestamptz) { allFit = $0.append($1) && allFit }
            return allFit
        default: return false
        }
        return true
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
