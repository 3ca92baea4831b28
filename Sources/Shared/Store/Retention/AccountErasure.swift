package import Domain
import FoundationEssentials
import Jobs
package import Postgres

/// Erases people: their own workspace, and then their account. What they made in companies stays the companies', with
/// nobody's name on it. For the worker's role.
package struct AccountErasure: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    package enum Outcome: Sendable, Equatable {
        case erased
        /// It was erased before.
        case gone
        /// Nobody asked for this account's end.
        case inUse
        /// The account was used, or a job of it ran, a moment ago: come again.
        case busy
    }

    /// How long a request that began before the end of an account may still write, in seconds: longer than gateways
    /// remember whom they let in.
    package static let settleSeconds = 15

    static let find = Statement(
        "erasure.find",
        """
        SELECT deleted_at IS NOT NULL, coalesce(deleted_at <= now() - $2 * interval '1 second', false)
        FROM users WHERE id = $1
        """
    )

    /// - Parameters:
    ///   - job: the job that does this, when it is one of the person's own workspace.
    ///   - settleSeconds: how long ago the account must have ended.
    ///   - prepare: ends what the workspace has elsewhere, while its tokens can still be read.
    package func erase(
        _ user: UserID, but job: JobID?, settleSeconds: Int = settleSeconds,
        prepare: (TenantID) async throws -> Void = { _ in }
    ) async throws -> Outcome {
        let parameters: [PostgresValue] = [.uuid(user.uuid), .int(settleSeconds)]
        let found = try await pool.query(Self.find, parameters, settings: RowAccess.operators).first
        if let found {
            guard try found.bool(0) else { return .inUse }
            guard try found.bool(1) else { return .busy }
            try await prepare(TenantID(user))
        }
        guard try await WorkspaceErasure(pool: pool).erase(TenantID(user), but: job) else { return .busy }
        guard found != nil else { return .gone }
        try await leaveCompanies(user)
        for statement in Self.traces {
            while try await pool.execute(statement, [.uuid(user.uuid)], settings: RowAccess.operators) > 0 {
                try Task.checkCancellation()
            }
        }
        _ = try await pool.execute(Self.end, [.uuid(user.uuid)], settings: RowAccess.operators)
        return .erased
    }

    private static func trace(_ name: String, _ change: String, _ table: String, _ column: String) -> Statement {
        Statement(
            "erasure.\(name)",
            """
            \(change) WHERE id IN (
                SELECT id FROM \(table) WHERE \(column) = $1 LIMIT \(WorkspaceErasure.page))
            """)
    }

    /// What there may be much of, page by page. Whom tasks, keys and invitations name as their maker, the database
    /// forgets with the account's row: a role that might change that column could ask who has an account.
    static let traces = [
        trace("sessions", "DELETE FROM sessions", "sessions", "user_id"),
        trace("connector", "UPDATE connections SET connected_by = NULL", "connections", "connected_by"),
        trace("task_owner", "UPDATE tasks SET owner_id = NULL, version = version + 1", "tasks", "owner_id"),
    ]

    static let end = Statement("erasure.end", "DELETE FROM users WHERE id = $1 AND deleted_at IS NOT NULL")

    static let companies = Statement(
        "erasure.companies", "SELECT company_id FROM memberships WHERE user_id = $1 ORDER BY company_id LIMIT 100")
    static let lock = Statement("erasure.lock", "SELECT 1 FROM companies WHERE id = $1 FOR NO KEY UPDATE")
    static let leave = Statement(
        "erasure.leave", "DELETE FROM memberships WHERE company_id = $1 AND user_id = $2")

    /// The member of the highest role, and of these the one who has been there longest.
    static let succeed = Statement(
        "erasure.succeed",
        """
        UPDATE memberships SET role = 'owner'
        WHERE company_id = $1
          AND NOT EXISTS (SELECT 1 FROM memberships WHERE company_id = $1 AND role = 'owner')
          AND user_id = (
            SELECT user_id FROM memberships WHERE company_id = $1
            ORDER BY array_position(ARRAY['admin', 'member', 'viewer'], role), created_at, user_id LIMIT 1)
        RETURNING user_id
        """)
    static let desert = Statement(
        "erasure.desert",
        """
        UPDATE companies SET deleted_at = now(), updated_at = now()
        WHERE id = $1 AND deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM memberships WHERE company_id = $1)
        """)

    /// Whoever ends an account takes it out of its companies first. Should one be left nevertheless, it gets an owner
    /// from among its members, or ends when there are none.
    private func leaveCompanies(_ user: UserID) async throws {
        while true {
            let rows = try await pool.query(Self.companies, [.uuid(user.uuid)], settings: RowAccess.operators)
            if rows.isEmpty { return }
            for row in rows { try await leave(CompanyID(try row.uuid(0)), user) }
        }
    }

    private func leave(_ company: CompanyID, _ user: UserID) async throws {
        try await pool.transaction(settings: RowAccess.operators) { transaction in
            let place = PostgresValue.uuid(company.uuid)
            _ = try await transaction.query(Self.lock, [place])
            _ = try await transaction.execute(Self.leave, [place, .uuid(user.uuid)])
            _ = try await transaction.execute(Self.desert, [place])
            guard let heir = try await transaction.query(Self.succeed, [place]).first else { return }
            let person = UserID(try heir.uuid(0))
            let entry = AuditLog.Entry(
                .memberRoleChanged, tenant: TenantID(company), user: person, subject: Companies.subject(person)
            ) { $0.field("to", Role.owner.rawValue) }
            try await AuditLog.record(entry, by: .erasure, in: transaction)
        }
    }
}

extension Caller {
    /// The job that erases accounts.
    static let erasure = Caller(name: "operator", user: nil, tenant: .operators, permissions: [])
}
