import Postgres

/// Copies of rows, to be written by somebody who must not.
struct RowCopies: Sendable {
    let owner: PostgresPool

    /// A row's JSON form. `nil`: there is none.
    func row(of table: CatalogueTable, where condition: String) async throws -> String? {
        try await owner.query(
            Statement(
                "test.copy.\(table.name).\(condition.hashValue)",
                "SELECT to_jsonb(item)::text FROM \(table.name) AS item WHERE \(condition) LIMIT 1")
        ).first?.text(0)
    }

    private static let freshColumns = Statement(
        "test.fresh",
        """
        SELECT DISTINCT column_of.attname::text, format_type(column_of.atttypid, NULL)
        FROM pg_index AS index
        JOIN pg_attribute AS column_of
            ON column_of.attrelid = index.indrelid AND column_of.attnum = ANY (index.indkey::int2[])
        WHERE index.indisunique AND index.indrelid = (current_schema() || '.' || $1)::regclass
        """)

    /// As `row`, with everything that has to be unique made anew, but for what says whose it is.
    func freshRow(of table: CatalogueTable, where condition: String, keeping: [String] = []) async throws -> String? {
        let columns = try await owner.query(Self.freshColumns, [.text(table.name)])
        let fresh = try columns.compactMap { column -> String? in
            let name = try column.text(0)
            guard !table.tenantColumns.contains(name), !keeping.contains(name), name != "role" else { return nil }
            switch try column.text(1) {
            case "uuid": return "'\(name)', gen_random_uuid()"
            case "text": return "'\(name)', 'a' || md5(random()::text)"
            case "bytea": return "'\(name)', sha256(random()::text::bytea)"
            case "boolean": return nil
            default: return "'\(name)', 1000 + floor(random() * 10000)"
            }
        }
        let changes = "jsonb_build_object(\(fresh.joined(separator: ", ")))"
        return try await owner.query(
            Statement(
                "test.fresh.\(table.name).\(condition.hashValue)",
                "SELECT (to_jsonb(item) || \(changes))::text FROM \(table.name) AS item WHERE \(condition) LIMIT 1")
        ).first?.text(0)
    }

    /// Writes a row.
    /// - Parameter more: what follows the columns, such as ON CONFLICT.
    static func insert(_ json: String, into table: CatalogueTable, _ more: String = "", named name: String) -> Probe {
        let columns = table.columns.joined(separator: ", ")
        return Probe(
            name: name,
            sql: """
                WITH item AS (
                    INSERT INTO \(table.name) (\(columns))
                    SELECT \(columns) FROM jsonb_populate_record(NULL::\(table.name), '\(json)') \(more) RETURNING 1)
                SELECT count(*) FROM item
                """)
    }

    /// A row with one column set to an id.
    static func json(_ row: String, _ column: String, _ id: String) throws -> String {
        // The forms that `to_jsonb` writes for a uuid and for NULL.
        row.replacing(try Regex(#""\#(column)": ("[^"]*"|null)"#), with: #""\#(column)": "\#(id)""#)
    }
}
