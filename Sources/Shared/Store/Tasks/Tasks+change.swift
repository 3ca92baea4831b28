package import Domain
import Postgres

extension Tasks {
    /// What is to be changed: what is `nil` stays.
    package struct Change: Sendable {
        package var title: String?
        package var notes: String?
        package var status: TaskStatus?
        /// `.some(nil)` takes it away.
        package var dueDate: CalendarDay??
        package var owner: UserID??

        package init() {}

        var isEmpty: Bool { title == nil && notes == nil && status == nil && dueDate == nil && owner == nil }
    }

    /// `$3`: the versions it may have; NULL: any.
    private static let isMeant = """
        tenant_id = $1 AND id = $2 AND deleted_at IS NULL AND ($3::int4[] IS NULL OR version = ANY ($3))
        """

    static let update = Statement(
        "tasks.update",
        """
        UPDATE tasks SET
            title = coalesce($4::text, title), notes = coalesce($5::text, notes), status = coalesce($6::text, status),
            due_date = CASE WHEN $7::bool THEN $8::text::date ELSE due_date END,
            owner_id = CASE WHEN $9::bool THEN $10::uuid ELSE owner_id END,
            version = version + 1, updated_at = now()
        WHERE \(isMeant)
        RETURNING \(columns)
        """)

    /// - Parameter versions: those the task may have, else `TaskError.changed`; `nil`: any.
    package func update(
        _ id: TaskID, _ change: Change, ifVersion versions: [Int]?, _ caller: Caller
    ) async throws -> Item {
        try await acting(caller) { transaction in
            guard !change.isEmpty else { return try await find(id, ifVersion: versions, caller, in: transaction) }
            if let owner = change.owner { try await checkOwner(owner, caller.tenant, in: transaction) }
            let parameters: [PostgresValue] = [
                .optional(change.title, PostgresValue.text), .optional(change.notes, PostgresValue.text),
                .optional(change.status?.rawValue, PostgresValue.text), .bool(change.dueDate != nil),
                .optional(change.dueDate??.description, PostgresValue.text), .bool(change.owner != nil),
                .optional(change.owner??.uuid, PostgresValue.uuid),
            ]
            let rows = try await transaction.query(Self.update, Self.meant(id, versions, caller) + parameters)
            if let row = rows.first { return try Self.item(row) }
            throw try await miss(id, caller, in: transaction)
        }
    }

    static let delete = Statement(
        "tasks.delete",
        "UPDATE tasks SET deleted_at = now(), updated_at = now(), version = version + 1 WHERE \(isMeant)")

    /// Deletes a task; for 30 days it can be restored.
    package func delete(_ id: TaskID, ifVersion versions: [Int]?, _ caller: Caller) async throws {
        try await acting(caller) { transaction in
            guard try await transaction.execute(Self.delete, Self.meant(id, versions, caller)) == 1 else {
                throw try await miss(id, caller, in: transaction)
            }
            try await AuditLog.record(
                AuditLog.Entry(.taskDeleted, tenant: caller.tenant, subject: "task:\(id)"), by: caller,
                in: transaction)
        }
    }

    static let restore = Statement(
        "tasks.restore",
        """
        UPDATE tasks SET deleted_at = NULL, updated_at = now(), version = version + 1
        WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL
        RETURNING \(columns)
        """)

    /// Brings a deleted task back; one that is not deleted stays as it is.
    package func restore(_ id: TaskID, _ caller: Caller) async throws -> Item {
        try await acting(caller) { transaction in
            let rows = try await transaction.query(Self.restore, [.uuid(caller.tenant.uuid), .uuid(id.uuid)])
            guard let row = rows.first else { return try await find(id, ifVersion: nil, caller, in: transaction) }
            try await AuditLog.record(
                AuditLog.Entry(.taskRestored, tenant: caller.tenant, subject: "task:\(id)"), by: caller,
                in: transaction)
            return try Self.item(row)
        }
    }

    private static func meant(_ id: TaskID, _ versions: [Int]?, _ caller: Caller) -> [PostgresValue] {
        [
            .uuid(caller.tenant.uuid), .uuid(id.uuid),
            versions.map { .int32s($0.map { Int32(clamping: $0) }) } ?? .null,
        ]
    }

    private func find(
        _ id: TaskID, ifVersion versions: [Int]?, _ caller: Caller, in transaction: PostgresTransaction
    ) async throws -> Item {
        let rows = try await transaction.query(Self.find, [.uuid(caller.tenant.uuid), .uuid(id.uuid)])
        guard let row = rows.first else { throw TaskError.notFound }
        let item = try Self.item(row)
        if let versions, !versions.contains(item.version) { throw TaskError.changed }
        return item
    }

    /// Why nothing was changed.
    private func miss(_ id: TaskID, _ caller: Caller, in transaction: PostgresTransaction) async throws -> TaskError {
        let rows = try await transaction.query(Self.find, [.uuid(caller.tenant.uuid), .uuid(id.uuid)])
        return rows.isEmpty ? .notFound : .changed
    }
}
