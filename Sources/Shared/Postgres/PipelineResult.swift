/// What the last statement of a round trip gave.
struct PipelineResult: Sendable {
    /// Nil for a command without rows.
    var rowSet: RowSet?
    var affectedRows = 0
    var commandTag = ""

    var rows: [PostgresRow] { rowSet?.rows ?? [] }
}
