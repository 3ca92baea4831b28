package import Domain
import Postgres

extension Tasks {
    /// Which tasks are meant; what is `nil` says nothing.
    package struct Filter: Sendable {
        /// One of these. Empty: any.
        package var statuses: [TaskStatus] = []
        package var owner: UserID?
        /// Due on an earlier day.
        package var dueBefore: CalendarDay?
        /// Due on a later day.
        package var dueAfter: CalendarDay?
        /// In the title or the notes, in either case.
        package var text: String?
        /// Those that were deleted, and no others.
        package var isDeleted = false

        package init() {}
    }

    /// One statement for each way to find them, as a role's plans do not look at values.
    private static func list(_ name: String, _ condition: String) -> Statement {
        Statement(
            "tasks.list_\(name)",
            """
            SELECT \(columns) FROM tasks
            WHERE tenant_id = $1 AND \(condition) AND ($2::uuid IS NULL OR id < $2)
              AND ($3::text[] IS NULL OR status = ANY ($3)) AND ($4::uuid IS NULL OR owner_id = $4)
              AND ($5::text IS NULL OR due_date < $5::date) AND ($6::text IS NULL OR due_date > $6::date)
              AND ($7::text IS NULL OR position(lower($7) IN lower(title)) > 0
                OR position(lower($7) IN lower(notes)) > 0)
            ORDER BY tasks.id DESC LIMIT $8
            """)
    }

    static let listLive = list("live", "deleted_at IS NULL")
    static let listOfOwner = list("of_owner", "deleted_at IS NULL AND owner_id = $4")
    static let listDeleted = list("deleted", "deleted_at IS NOT NULL")

    /// Newest first.
    /// - Parameter before: the last one of the page before.
    package func list(
        _ filter: Filter, before: TaskID?, limit: Int, _ caller: Caller
    ) async throws -> [Item] {
        let live = filter.owner == nil ? Self.listLive : Self.listOfOwner
        return try await pool.query(
            filter.isDeleted ? Self.listDeleted : live,
            [
                .uuid(caller.tenant.uuid), .optional(before?.uuid, PostgresValue.uuid),
                filter.statuses.isEmpty ? .null : .texts(filter.statuses.map(\.rawValue)),
                .optional(filter.owner?.uuid, PostgresValue.uuid),
                .optional(filter.dueBefore?.description, PostgresValue.text),
                .optional(filter.dueAfter?.description, PostgresValue.text),
                .optional(filter.text, PostgresValue.text), .int(limit),
            ], settings: caller.settings
        ).map(Self.item)
    }
}
