/// All rows of one result, copied out of libpq into one buffer that the rows share.
final class RowSet: Sendable {
    struct Cell {
        let start: Int
        /// -1 is null.
        let length: Int
    }

    let statement: String
    let columnNames: [String]
    /// OID by column.
    let columnTypes: [UInt32]
    let rowCount: Int
    private let cells: [Cell]
    private let bytes: [UInt8]

    init(
        statement: String, columnNames: [String], columnTypes: [UInt32], rowCount: Int, cells: [Cell], bytes: [UInt8]
    ) {
        self.statement = statement
        self.columnNames = columnNames
        self.columnTypes = columnTypes
        self.rowCount = rowCount
        self.cells = cells
        self.bytes = bytes
    }

    func cell(row: Int, column: Int) -> Cell { cells[row * columnTypes.count + column] }

    func withBytes<Result>(of cell: Cell, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[cell.start..<cell.start + cell.length])) }
    }

    var rows: [PostgresRow] { (0..<rowCount).map { PostgresRow(rowSet: self, index: $0) } }
}
