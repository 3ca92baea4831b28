package import Domain
package import Postgres

extension Users {
    /// Locks the companies of a person in one order, so that two owners cannot both leave at once.
    static let lockCompanies = Statement(
        "users.lock_companies",
        """
        SELECT company.id FROM companies AS company
        WHERE company.id IN (SELECT company_id FROM memberships WHERE user_id = $1)
        ORDER BY company.id FOR UPDATE
        """)

    static let soleOwnerships = Statement(
        "users.sole_ownerships",
        """
        SELECT 1 FROM memberships AS mine
        JOIN companies AS company ON company.id = mine.company_id AND company.deleted_at IS NULL
        WHERE mine.user_id = $1 AND mine.role = 'owner'
          AND EXISTS (SELECT FROM memberships AS other WHERE other.company_id = mine.company_id AND other.user_id <> $1)
          AND NOT EXISTS (SELECT FROM memberships AS other
                          WHERE other.company_id = mine.company_id AND other.user_id <> $1 AND other.role = 'owner')
        """)

    static let revokeKeys = Statement(
        "users.revoke_keys", "UPDATE api_keys SET revoked_at = now() WHERE created_by = $1 AND revoked_at IS NULL")

    static let companies = Statement("users.companies", "SELECT company_id FROM memberships WHERE user_id = $1")
    static let leave = Statement("users.leave", "DELETE FROM memberships WHERE user_id = $1")
    /// What they were to do there is nobody's then.
    static let unassign = Statement(
        "users.unassign",
        """
        UPDATE tasks SET owner_id = NULL, version = version + 1, updated_at = now()
        WHERE owner_id = $1 AND tenant_id = ANY ($2::uuid[])
        """)
    static let deleteDeserted = Statement(
        "users.delete_deserted",
        """
        UPDATE companies SET deleted_at = now(), updated_at = now()
        WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL
          AND NOT EXISTS (SELECT FROM memberships WHERE company_id = companies.id)
        """)

    /// Takes a person out of all companies; one that nobody is left in is deleted. The transaction acts for the
    /// person's workspaces from then on.
    /// - Returns: false, and nothing is done, when a company with other members would be left without an owner.
    package func leaveCompanies(_ user: UserID, in transaction: PostgresTransaction) async throws -> Bool {
        let rows = try await transaction.query(Self.companies, [.uuid(user.uuid)])
        let companies = try rows.map { try $0.uuid(0) }
        guard !companies.isEmpty else {
            try await transaction.execute(Self.revokeKeys, [.uuid(user.uuid)])
            return true
        }
        // To see who else is there, and to delete what is deserted, the transaction acts for these companies as well.
        try await RowAccess.act(for: ([user.uuid] + companies).map { TenantID($0) }, in: transaction)
        _ = try await transaction.query(Self.lockCompanies, [.uuid(user.uuid)])
        guard try await transaction.query(Self.soleOwnerships, [.uuid(user.uuid)]).isEmpty else { return false }
        // Once the account is gone nobody knows whose keys they were.
        try await transaction.execute(Self.revokeKeys, [.uuid(user.uuid)])
        try await transaction.execute(Self.leave, [.uuid(user.uuid)])
        try await transaction.execute(Self.unassign, [.uuid(user.uuid), .uuids(companies)])
        try await transaction.execute(Self.deleteDeserted, [.uuids(companies)])
        return true
    }
}
