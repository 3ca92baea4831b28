package import Domain
import Postgres

extension Calendars {
    /// A reading of an account's list of calendars, from its beginning to its end.
    package struct ListRun: Sendable {
        package var connection: ConnectionID
        package var tenant: TenantID
        /// What to ask the provider for changes with. `nil`: everything is to be read.
        package var token: String?
        /// The number of the reading: one with a greater number has overtaken it.
        package var generation: Int

        package var isFull: Bool { token == nil }

        var name: [PostgresValue] { [.uuid(tenant.uuid), .uuid(connection.uuid)] }

        /// What the list's row must still say: `$1` to `$4` of whatever changes it.
        var fence: [PostgresValue] { name + [.int(generation), .optional(token, PostgresValue.text)] }
    }

    static let beginList = Statement(
        "calendar_lists.begin",
        """
        INSERT INTO calendar_lists AS list (connection_id, tenant_id, generation)
        SELECT id, tenant_id, 1 FROM connections WHERE tenant_id = $1 AND id = $2
        ON CONFLICT (tenant_id, connection_id) DO UPDATE SET
            generation = list.generation + 1, sync_token = CASE WHEN $3 THEN NULL ELSE list.sync_token END
        RETURNING sync_token, generation
        """)

    /// Begins a reading of an account's list; every other one of the same list is over.
    /// - Parameter full: of everything, though what changed would do.
    /// - Throws: `notFound` when there is no such connection.
    package func beginList(of connection: ConnectionID, tenant: TenantID, full: Bool) async throws -> ListRun {
        let rows = try await pool.query(
            Self.beginList, [.uuid(tenant.uuid), .uuid(connection.uuid), .bool(full)],
            settings: RowAccess.tenant(tenant))
        guard let row = rows.first else { throw CalendarError.notFound }
        return ListRun(
            connection: connection, tenant: tenant, token: try row.optionalText(0), generation: try row.int(1))
    }
}
