import Domain
import Postgres

/// Who may come in. The statement that finds the membership is also the one that opens the company: until then the
/// transaction sees nothing of it.
extension Companies {
    static let lock = Statement(
        "companies.lock", "SELECT 1 FROM companies WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE")

    static let enter = Statement(
        "companies.enter",
        """
        SELECT membership.role, set_config('errand.tenants', membership.company_id::text, true)
        FROM memberships AS membership JOIN companies AS company ON company.id = membership.company_id
        WHERE membership.company_id = $1 AND membership.user_id = $2 AND company.deleted_at IS NULL
        """)

    static let enterByKey = Statement(
        "companies.enter_by_key", "SELECT 1 FROM companies WHERE id = $1 AND deleted_at IS NULL")

    /// Works inside a company.
    /// - Parameters:
    ///   - isLocked: nobody else changes the company or its members until the work is done.
    ///   - body: is given the caller's role; `nil` for a key.
    func inside<Value: Sendable>(
        _ company: CompanyID, _ caller: Caller, needing permissions: Permissions, isLocked: Bool = false,
        _ body: @Sendable (PostgresTransaction, Role?) async throws -> Value
    ) async throws -> Value {
        return try await pool.transaction(settings: Self.entering(caller)) { transaction in
            let role = try await Self.enter(
                company, caller, needing: permissions, isLocked: isLocked, in: transaction)
            return try await body(transaction, role)
        }
    }

    /// How a transaction begins that is to enter a company: a person comes in by the membership alone, whatever
    /// workspace the request acts in otherwise.
    static func entering(_ caller: Caller) -> [PostgresSetting] {
        caller.user.map { [PostgresSetting("errand.user", $0.description)] } ?? caller.settings
    }

    /// - Throws: `CompanyError.notFound`, `.notPermitted`.
    static func enter(
        _ company: CompanyID, _ caller: Caller, needing permissions: Permissions, isLocked: Bool,
        in transaction: PostgresTransaction
    ) async throws -> Role? {
        guard caller.user != nil || caller.tenant == TenantID(company) else { throw CompanyError.notFound }
        if isLocked, try await transaction.query(lock, [.uuid(company.uuid)]).isEmpty { throw CompanyError.notFound }
        let role = try await role(in: company, caller, in: transaction)
        let missing = permissions.subtracting(role?.permissions ?? caller.permissions)
        guard missing.isEmpty else { throw CompanyError.notPermitted(missing) }
        return role
    }

    private static func role(
        in company: CompanyID, _ caller: Caller, in transaction: PostgresTransaction
    ) async throws -> Role? {
        guard let user = caller.user else {
            if try await transaction.query(enterByKey, [.uuid(company.uuid)]).isEmpty { throw CompanyError.notFound }
            return nil
        }
        let rows = try await transaction.query(enter, [.uuid(company.uuid), .uuid(user.uuid)])
        guard let row = rows.first else { throw CompanyError.notFound }
        return try row.role(0)
    }
}
