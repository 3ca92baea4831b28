package import Domain
import FoundationEssentials
package import Postgres

/// How long what is over of accounts, companies and tasks is kept.
package struct AccountPeriods: Sendable, Equatable {
    /// Events of the audit log.
    package var auditHours = 8_760
    /// Sessions that ended, deleted tasks and companies, and invitations that can no longer be accepted.
    package var recordDays = 30
    /// Accounts whose address was never verified and that nobody has signed in to.
    package var unverifiedDays = 7

    package init() {}

    /// A day to ten years.
    package static let limits = 24...87_600
}

/// Throws away what is over, page by page. For the worker's role, as an operator.
package struct AccountRetention: Sendable {
    let pool: PostgresPool
    let periods: AccountPeriods

    package init(pool: PostgresPool, periods: AccountPeriods) {
        self.pool = pool
        self.periods = periods
    }

    /// What one sweep deleted.
    package struct Swept: Sendable, Equatable {
        package var sessions = 0
        package var auditEvents = 0
        package var tasks = 0
        package var invitations = 0
        package var companies = 0
        package var accounts = 0

        package init() {}
    }

    static let page = 1_000

    /// `$1`: the period; a page of rows that nobody holds.
    /// - Parameter lock: empty for rows that are never changed, so never held.
    private static func over(
        _ name: String, _ table: String, _ condition: String, unit: StaticString = "day",
        lock: StaticString = "FOR UPDATE SKIP LOCKED"
    ) -> Statement {
        let border = condition.replacing("<border>", with: "now() - $1 * interval '1 \(unit)'")
        return Statement(
            "sweep.\(name)",
            """
            DELETE FROM \(table) WHERE id IN (
                SELECT id FROM \(table) WHERE \(border) LIMIT \(page) \(lock))
            """)
    }

    static let expiredSessions = over("expired_sessions", "sessions", "expires_at < <border>")
    static let revokedSessions = over("revoked_sessions", "sessions", "revoked_at < <border>")
    static let auditEvents = over("audit_events", "audit_events", "created_at < <border>", unit: "hour", lock: "")
    static let tasks = over("tasks", "tasks", "deleted_at < <border>")
    static let invitations = over("invitations", "invitations", "expires_at < <border>")

    /// An identity means that somebody signs in elsewhere.
    static let unverified = over(
        "unverified", "users",
        """
        created_at < <border> AND NOT is_verified AND last_login_at IS NULL AND NOT is_superuser
        AND deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM identities WHERE user_id = users.id)
        """)

    static let deletedCompanies = Statement(
        "sweep.deleted_companies",
        """
        SELECT id FROM companies WHERE deleted_at < now() - $1 * interval '1 day' AND id > $2
        ORDER BY id LIMIT 100
        """)
    static let company = Statement("sweep.company", "DELETE FROM companies WHERE id = $1 AND deleted_at IS NOT NULL")
    static let endedAccounts = Statement(
        "sweep.ended_accounts",
        "SELECT id FROM users WHERE deleted_at < now() - interval '1 day' AND id > $1 ORDER BY id LIMIT 100")

    /// Ends what a workspace has elsewhere, while its tokens can still be read.
    package typealias Preparation = @Sendable (TenantID) async throws -> Void

    /// Until nothing is over.
    package func sweep(prepare: Preparation = { _ in }) async throws -> Swept {
        var swept = Swept()
        swept.sessions = try await delete(Self.expiredSessions, periods.recordDays)
        swept.sessions += try await delete(Self.revokedSessions, periods.recordDays)
        swept.auditEvents = try await delete(Self.auditEvents, periods.auditHours)
        swept.tasks = try await delete(Self.tasks, periods.recordDays)
        swept.invitations = try await delete(Self.invitations, periods.recordDays)
        swept.accounts = try await delete(Self.unverified, periods.unverifiedDays)
        swept.accounts += try await sweepEndedAccounts(prepare)
        swept.companies = try await sweepCompanies(prepare)
        return swept
    }

    private func delete(_ statement: Statement, _ period: Int) async throws -> Int {
        var count = 0
        while true {
            try Task.checkCancellation()
            let deleted = try await pool.execute(statement, [.int(period)], settings: RowAccess.operators)
            count += deleted
            if deleted < Self.page { return count }
        }
    }

    /// Accounts that ended a day ago and are still there: their own job did not get through.
    private func sweepEndedAccounts(_ prepare: Preparation) async throws -> Int {
        let erasure = AccountErasure(pool: pool)
        return try await eachPage(Self.endedAccounts, []) { id in
            try await erasure.erase(UserID(id), but: nil, prepare: prepare) == .erased
        }
    }

    private func sweepCompanies(_ prepare: Preparation) async throws -> Int {
        let erasure = WorkspaceErasure(pool: pool)
        return try await eachPage(Self.deletedCompanies, [.int(periods.recordDays)]) { id in
            try await prepare(TenantID(CompanyID(id)))
            // One whose job still runs is left for the next sweep.
            guard try await erasure.erase(TenantID(CompanyID(id)), but: nil) else { return false }
            return try await pool.execute(Self.company, [.uuid(id)], settings: RowAccess.operators) == 1
        }
    }

    /// Goes through ids in their order.
    /// - Returns: for how many the body was true.
    private func eachPage(
        _ statement: Statement, _ parameters: [PostgresValue], _ body: (UUID) async throws -> Bool
    ) async throws -> Int {
        var (count, last) = (0, TenantID.operators.uuid)
        while true {
            let rows = try await pool.query(
                statement, parameters + [.uuid(last)], settings: RowAccess.operators)
            for row in rows {
                try Task.checkCancellation()
                last = try row.uuid(0)
                if try await body(last) { count += 1 }
            }
            if rows.isEmpty { return count }
        }
    }
}
