package import FoundationEssentials

/// One row of a result. Columns count from zero. A getter throws `decoding`, which names statement and column, when the
/// column has another type, is null, or does not exist; the `optional…` getters give nil for null.
package struct PostgresRow: Sendable {
    let rowSet: RowSet
    let index: Int

    /// Columns in the row.
    package var count: Int { rowSet.columnTypes.count }

    package func isNull(_ column: Int) throws(PostgresError) -> Bool { try cell(column, "column").length < 0 }

    package func uuid(_ column: Int) throws(PostgresError) -> UUID {
        try present(optionalUUID(column), column, "uuid")
    }
    package func optionalUUID(_ column: Int) throws(PostgresError) -> UUID? {
        try value(column, "uuid", BinaryForm.uuid)
    }

    /// text, varchar, char(n), name, json, and the label of an enum.
    package func text(_ column: Int) throws(PostgresError) -> String {
        try present(optionalText(column), column, "text")
    }
    package func optionalText(_ column: Int) throws(PostgresError) -> String? {
        try value(column, "text", BinaryForm.text)
    }

    /// int2, int4 or int8.
    package func int(_ column: Int) throws(PostgresError) -> Int {
        try present(optionalInt(column), column, "integer")
    }
    package func optionalInt(_ column: Int) throws(PostgresError) -> Int? {
        try value(column, "integer", BinaryForm.int)
    }

    /// float4 or float8.
    package func double(_ column: Int) throws(PostgresError) -> Double {
        try present(optionalDouble(column), column, "float")
    }
    package func optionalDouble(_ column: Int) throws(PostgresError) -> Double? {
        try value(column, "float", BinaryForm.double)
    }

    package func bool(_ column: Int) throws(PostgresError) -> Bool {
        try present(optionalBool(column), column, "boolean")
    }
    package func optionalBool(_ column: Int) throws(PostgresError) -> Bool? {
        try value(column, "boolean", BinaryForm.bool)
    }

    /// json or jsonb, as UTF-8.
    package func json(_ column: Int) throws(PostgresError) -> [UInt8] {
        try present(optionalJSON(column), column, "json")
    }
    package func optionalJSON(_ column: Int) throws(PostgresError) -> [UInt8]? {
        try value(column, "json", BinaryForm.json)
    }

    /// bytea.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        try present(optionalBytes(column), column, "bytea")
    }
    package func optionalBytes(_ column: Int) throws(PostgresError) -> [UInt8]? {
        try value(column, "bytea", BinaryForm.bytes)
    }

    /// timestamptz, or timestamp taken as UTC. ±infinity is no date.
    package func timestamp(_ column: Int) throws(PostgresError) -> Date {
        try present(optionalTimestamp(column), column, "timestamp")
    }
    package func optionalTimestamp(_ column: Int) throws(PostgresError) -> Date? {
        try value(column, "timestamp", BinaryForm.timestamp)
    }

    /// An array of texts in one dimension, without nulls.
    package func texts(_ column: Int) throws(PostgresError) -> [String] {
        try array(column, "text[]", BinaryForm.text)
    }
    /// An array of texts in one dimension.
    package func optionalTexts(_ column: Int) throws(PostgresError) -> [String?] {
        try arrayOfOptionals(column, "text[]", BinaryForm.text)
    }
    package func uuids(_ column: Int) throws(PostgresError) -> [UUID] {
        try array(column, "uuid[]", BinaryForm.uuid)
    }
    /// int2[], int4[] or int8[], without nulls.
    package func ints(_ column: Int) throws(PostgresError) -> [Int] {
        try array(column, "integer[]", BinaryForm.int)
    }

    private typealias Decode<Value> = (UnsafeRawBufferPointer, UInt32) -> Value?

    private func array<Value>(
        _ column: Int, _ expected: String, _ decode: Decode<Value>
    ) throws(PostgresError) -> [Value] {
        let values = try arrayOfOptionals(column, expected, decode)
        let present = values.compactMap { $0 }
        guard present.count == values.count else { throw mismatch(column, expected) }
        return present
    }

    private func arrayOfOptionals<Value>(
        _ column: Int, _ expected: String, _ decode: Decode<Value>
    ) throws(PostgresError) -> [Value?] {
        try present(value(column, expected) { bytes, _ in BinaryForm.array(bytes, decode) }, column, expected)
    }

    private func value<Value>(
        _ column: Int, _ expected: String, _ decode: Decode<Value>
    ) throws(PostgresError) -> Value? {
        let cell = try cell(column, expected)
        if cell.length < 0 { return nil }
        let type = rowSet.columnTypes[column]
        guard let value = rowSet.withBytes(of: cell, { decode($0, type) }) else { throw mismatch(column, expected) }
        return value
    }

    private func cell(_ column: Int, _ expected: String) throws(PostgresError) -> RowSet.Cell {
        guard rowSet.columnTypes.indices.contains(column) else { throw mismatch(column, expected) }
        return rowSet.cell(row: index, column: column)
    }

    private func present<Value>(
        _ value: Value?, _ column: Int, _ expected: String
    ) throws(PostgresError) -> Value {
        guard let value else { throw mismatch(column, expected + " (it is null)") }
        return value
    }

    private func mismatch(_ column: Int, _ expected: String) -> PostgresError {
        let name =
            rowSet.columnNames.indices.contains(column) ? "\(column) (\(rowSet.columnNames[column]))" : "\(column)"
        return .decoding(statement: rowSet.statement, column: name, expected: expected)
    }
}

extension PostgresRow: CustomStringConvertible, CustomReflectable {
    /// Never the content.
    package var description: String { "row \(index) of \(rowSet.statement)" }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
