package import Domain
package import FoundationEssentials
package import Postgres

/// Why something could not be done with a task.
package enum TaskError: Error, Equatable {
    /// There is none with this id in the workspace, or it is deleted.
    case notFound
    /// It is not as `If-Match` says.
    case changed
    /// Who is to do it is no member of the company, or in one's own workspace somebody else.
    case unknownOwner
    case tooMany
}

/// What a company, or a person, has to do. Every method acts for one workspace and sees only its rows.
///
/// Errors are `TaskError` and `PostgresError`.
package struct Tasks: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// Tasks of one workspace that are not deleted.
    package static let maxTasks = 50_000

    package struct Item: Sendable {
        package var id: TaskID
        package var title: String
        package var notes: String
        package var status: TaskStatus
        package var dueDate: CalendarDay?
        /// Who is to do it.
        package var owner: UserID?
        /// `nil` in a person's own workspace.
        package var company: CompanyID?
        package var createdBy: UserID?
        package var createdAt: Date
        package var updatedAt: Date
        package var deletedAt: Date?
        /// Counts changes, from 1.
        package var version: Int
    }

    /// What is to be written of a new task.
    package struct Draft: Sendable {
        package var title: String
        package var notes: String
        package var status: TaskStatus
        package var dueDate: CalendarDay?
        package var owner: UserID?

        package init(
            title: String, notes: String = "", status: TaskStatus = .open, dueDate: CalendarDay? = nil,
            owner: UserID? = nil
        ) {
            self.title = title
            self.notes = notes
            self.status = status
            self.dueDate = dueDate
            self.owner = owner
        }
    }

    static let columns = """
        tasks.id, tasks.title, tasks.notes, tasks.status, to_char(tasks.due_date, 'YYYY-MM-DD'), tasks.owner_id,
        (SELECT company.id FROM companies AS company WHERE company.id = tasks.tenant_id), tasks.created_by,
        tasks.created_at, tasks.updated_at, tasks.deleted_at, tasks.version
        """

    static let insert = Statement(
        "tasks.insert",
        """
        INSERT INTO tasks (id, tenant_id, title, notes, status, due_date, owner_id, created_by)
        SELECT $1, $2, $3, $4, $5, $6::text::date, $7::uuid, $8::uuid
        WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE tenant_id = $2 AND deleted_at IS NULL OFFSET $9 LIMIT 1)
        RETURNING \(columns)
        """)

    package func create(_ draft: Draft, _ caller: Caller) async throws -> Item {
        try await acting(caller) { transaction in
            try await checkOwner(draft.owner, caller.tenant, in: transaction)
            let rows = try await transaction.query(
                Self.insert,
                [
                    .uuid(TaskID.make().uuid), .uuid(caller.tenant.uuid), .text(draft.title), .text(draft.notes),
                    .text(draft.status.rawValue), .optional(draft.dueDate?.description, PostgresValue.text),
                    .optional(draft.owner?.uuid, PostgresValue.uuid),
                    .optional(caller.user?.uuid, PostgresValue.uuid), .int(Self.maxTasks - 1),
                ])
            guard let row = rows.first else { throw TaskError.tooMany }
            return try Self.item(row)
        }
    }

    static let find = Statement(
        "tasks.find", "SELECT \(columns) FROM tasks WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL")

    package func find(_ id: TaskID, _ caller: Caller) async throws -> Item {
        let rows = try await pool.query(
            Self.find, [.uuid(caller.tenant.uuid), .uuid(id.uuid)], settings: caller.settings)
        guard let row = rows.first else { throw TaskError.notFound }
        return try Self.item(row)
    }

    /// A member cannot leave between this and the end of the transaction.
    static let ownerIsMember = Statement(
        "tasks.owner_is_member", "SELECT 1 FROM memberships WHERE company_id = $1 AND user_id = $2 FOR KEY SHARE")

    func checkOwner(_ owner: UserID?, _ tenant: TenantID, in transaction: PostgresTransaction) async throws {
        guard let owner, TenantID(owner) != tenant else { return }
        let rows = try await transaction.query(Self.ownerIsMember, [.uuid(tenant.uuid), .uuid(owner.uuid)])
        if rows.isEmpty { throw TaskError.unknownOwner }
    }

    /// A transaction in the caller's workspace.
    func acting<Value: Sendable>(
        _ caller: Caller, _ body: @Sendable (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.transaction(settings: caller.settings, body)
        } catch PostgresError.server(.foreignKeyViolation, _, _, "tasks_owner_id_fkey") {
            // A workspace that nobody has an account for, such as that of a configured key.
            throw TaskError.unknownOwner
        }
    }

    static func item(_ row: PostgresRow) throws -> Item {
        Item(
            id: TaskID(try row.uuid(0)), title: try row.text(1), notes: try row.text(2),
            status: TaskStatus(rawValue: try row.text(3)) ?? .open,
            dueDate: try row.optionalText(4).flatMap { CalendarDay($0) },
            owner: try row.optionalUUID(5).map { UserID($0) }, company: try row.optionalUUID(6).map { CompanyID($0) },
            createdBy: try row.optionalUUID(7).map { UserID($0) }, createdAt: try row.timestamp(8),
            updatedAt: try row.timestamp(9), deletedAt: try row.optionalTimestamp(10), version: try row.int(11))
    }
}
