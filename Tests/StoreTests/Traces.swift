import Postgres
import TestSupport

/// Where in the database an id stands, in whatever column.
enum Traces {
    /// Rows that hold the text, by table; tables without any are left out.
    static func tables(naming id: String, _ engine: Engine) async throws -> [String: Int] {
        var found: [String: Int] = [:]
        for (table, _) in try await CatalogueTable.all(engine.owner) {
            let count = Statement(
                "test.traces.\(table.name)",
                "SELECT count(*) FROM \(table.name) AS item WHERE position($1 IN item::text) > 0")
            let rows = try await engine.owner.query(count, [.text(id)])[0].int(0)
            if rows > 0 { found[table.name] = rows }
        }
        return found
    }

    /// The rows that hold one of the texts, as one text a table.
    static func fingerprint(of ids: [String], _ engine: Engine) async throws -> [String: String] {
        var all: [String: String] = [:]
        for (table, _) in try await CatalogueTable.all(engine.owner) {
            let digest = Statement(
                "test.digest.\(table.name)",
                """
                SELECT coalesce(md5(string_agg(item::text, '|' ORDER BY item::text)), 'none') FROM \(table.name) AS item
                WHERE EXISTS (SELECT FROM unnest($1::text[]) AS id WHERE position(id IN item::text) > 0)
                """)
            all[table.name] = try await engine.owner.query(digest, [.texts(ids)])[0].text(0)
        }
        return all
    }
}
