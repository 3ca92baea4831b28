import CLibPQ

/// One PGresult: cleared exactly once, also when its reader throws.
struct ResultHandle: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes ownership of what PQgetResult gave; nil when that was NULL.
    init?(_ pointer: OpaquePointer?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit { PQclear(pointer) }

    var status: ExecStatusType { PQresultStatus(pointer) }

    /// "INSERT 0 1", "COMMIT", …
    var commandTag: String { String(cString: PQcmdStatus(pointer)) }

    /// 0 for commands that count nothing.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    /// Copies all rows out. Nil when a column is not in binary form, or the text form of an older protocol came.
    func copyRows(statement: String) -> RowSet? {
        let columns = PQnfields(pointer)
        let rows = PQntuples(pointer)
        for column in 0..<columns where PQfformat(pointer, column) != 1 { return nil }
        let cells = cells(rows: rows, columns: columns)
        return RowSet(
            statement: statement,
            columnNames: (0..<columns).map { PQfname(pointer, $0).map { String(cString: $0) } ?? "" },
            columnTypes: (0..<columns).map { PQftype(pointer, $0) },
            rowCount: columns == 0 ? 0 : Int(rows), cells: cells, bytes: copyBytes(cells, columns: columns))
    }

    private func cells(rows: Int32, columns: Int32) -> [RowSet.Cell] {
        var cells: [RowSet.Cell] = []
        cells.reserveCapacity(Int(rows) * Int(columns))
        var start = 0
        for row in 0..<rows {
            for column in 0..<columns {
                let length = PQgetisnull(pointer, row, column) == 1 ? -1 : Int(PQgetlength(pointer, row, column))
                cells.append(RowSet.Cell(start: start, length: length))
                start += max(length, 0)
            }
        }
        return cells
    }

    private func copyBytes(_ cells: [RowSet.Cell], columns: Int32) -> [UInt8] {
        let count = cells.last.map { $0.start + max($0.length, 0) } ?? 0
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let target = UnsafeMutableRawBufferPointer(buffer)
            for (index, cell) in cells.enumerated() where cell.length > 0 {
                let (row, column) = Int32(index).quotientAndRemainder(dividingBy: columns)
                let source = UnsafeRawBufferPointer(start: PQgetvalue(pointer, row, column), count: cell.length)
                UnsafeMutableRawBufferPointer(rebasing: target[cell.start...]).copyMemory(from: source)
            }
            initialized = count
        }
    }

    /// The fields of an error result; none of them is DETAIL or HINT, which quote rows.
    var failure: ServerFailure {
        ServerFailure(
            state: field(PG_FIELD_SQLSTATE).map { SQLState($0) },
            isFatal: ["FATAL", "PANIC"].contains(field(PG_FIELD_SEVERITY) ?? "FATAL"),
            primaryMessage: field(PG_FIELD_MESSAGE) ?? "", table: field(PG_FIELD_TABLE),
            column: field(PG_FIELD_COLUMN), constraint: field(PG_FIELD_CONSTRAINT),
            position: field(PG_FIELD_POSITION), sourceFunction: field(PG_FIELD_SOURCE_FUNCTION))
    }

    private func field(_ code: some BinaryInteger) -> String? {
        PQresultErrorField(pointer, Int32(code)).map { String(cString: $0) }
    }
}
