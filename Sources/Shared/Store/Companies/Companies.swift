package import Domain
package import FoundationEssentials
package import Postgres

/// Why something could not be done in a company.
package enum CompanyError: Error, Equatable {
    /// There is none with this id, or the caller is no member of it: the same answer for both.
    case notFound
    case memberNotFound
    case invitationNotFound
    /// What the caller's role, or key, lacks.
    case notPermitted(Permissions)
    /// Only owners make owners, change them, and end the company.
    case ownersOnly
    /// A company always keeps an owner.
    case lastOwner
    case tooManyCompanies
    case tooManyMembers
    case tooManyInvitations
    case alreadyMember
    /// The token's invitation was revoked, accepted, or has expired.
    case invitationEnded
    /// The account that accepts has another address.
    case otherAddress
    /// The account that accepts has not proved its address.
    case unverified
}

package struct Company: Sendable {
    package var id: CompanyID
    package var name: String
    /// The caller's. `nil` for a key.
    package var role: Role?
    package var createdAt: Date
}

/// Companies and who is in them. Whoever asks is a member of the company, or a key of it; each method finds that out in
/// the transaction in which it then works.
///
/// Errors are `CompanyError` and `PostgresError`.
package struct Companies: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// How many companies one may be in and still found another.
    package static let maxCompanies = 50
    package static let maxMembers = 1_000

    static let insert = Statement(
        "companies.insert",
        """
        INSERT INTO companies (id, name)
        SELECT $1, $2 WHERE (SELECT count(*) FROM memberships WHERE user_id = $3) < $4
        RETURNING created_at
        """)

    static let join = Statement(
        "memberships.join",
        """
        INSERT INTO memberships (company_id, user_id, role) VALUES ($1, $2, $3)
        ON CONFLICT (company_id, user_id) DO NOTHING
        """)

    /// Founds a company; its founder is its owner.
    package func create(_ name: String, by founder: UserID, _ caller: Caller) async throws -> Company {
        let id = CompanyID.make()
        let tenant = TenantID(id)
        return try await pool.transaction(settings: Caller.settings(tenant: tenant, user: founder)) { transaction in
            let rows = try await transaction.query(
                Self.insert, [.uuid(id.uuid), .text(name), .uuid(founder.uuid), .int(Self.maxCompanies)])
            guard let row = rows.first else { throw CompanyError.tooManyCompanies }
            _ = try await transaction.execute(
                Self.join, [.uuid(id.uuid), .uuid(founder.uuid), .text(Role.owner.rawValue)])
            try await AuditLog.record(
                AuditLog.Entry(.companyCreated, tenant: tenant, user: founder, subject: Self.subject(id)),
                by: caller, in: transaction)
            return Company(id: id, name: name, role: .owner, createdAt: try row.timestamp(0))
        }
    }

    static let ofPerson = Statement(
        "companies.of_person",
        """
        SELECT company.id, company.name, membership.role, company.created_at
        FROM memberships AS membership JOIN companies AS company ON company.id = membership.company_id
        WHERE membership.user_id = $1 AND company.deleted_at IS NULL AND ($2::uuid IS NULL OR company.id < $2)
        ORDER BY company.id DESC LIMIT $3
        """)

    /// The companies somebody is in, youngest first.
    /// - Parameter before: the last one of the page before.
    package func list(of user: UserID, before: CompanyID?, limit: Int) async throws -> [Company] {
        try await pool.query(
            Self.ofPerson, [.uuid(user.uuid), .optional(before?.uuid, PostgresValue.uuid), .int(limit)],
            settings: [PostgresSetting("errand.user", user.description)]
        ).map { try Self.company($0) }
    }

    static let roleOfPerson = Statement(
        "companies.role_of_person",
        """
        SELECT membership.role
        FROM memberships AS membership JOIN companies AS company ON company.id = membership.company_id
        WHERE membership.company_id = $1 AND membership.user_id = $2 AND company.deleted_at IS NULL
        """)

    /// What somebody is in a company. `nil`: no member, or there is no such company.
    package func role(of user: UserID, in company: CompanyID) async throws -> Role? {
        try await pool.query(
            Self.roleOfPerson, [.uuid(company.uuid), .uuid(user.uuid)],
            settings: [PostgresSetting("errand.user", user.description)]
        ).first.map { try $0.role(0) }
    }

    static let find = Statement(
        "companies.find", "SELECT id, name, NULL::text, created_at FROM companies WHERE id = $1")

    package func find(_ id: CompanyID, _ caller: Caller) async throws -> Company {
        try await inside(id, caller, needing: .readCompany) { transaction, role in
            guard let row = try await transaction.query(Self.find, [.uuid(id.uuid)]).first else {
                throw CompanyError.notFound
            }
            return try Self.company(row, role: role)
        }
    }

    static let rename = Statement(
        "companies.rename",
        """
        UPDATE companies SET name = $2, updated_at = now() WHERE id = $1 AND deleted_at IS NULL
        RETURNING id, name, NULL::text, created_at
        """)

    package func rename(_ id: CompanyID, to name: String, _ caller: Caller) async throws -> Company {
        try await inside(id, caller, needing: .writeCompany, isLocked: true) { transaction, role in
            guard let row = try await transaction.query(Self.rename, [.uuid(id.uuid), .text(name)]).first else {
                throw CompanyError.notFound
            }
            try await AuditLog.record(
                AuditLog.Entry(.companyRenamed, tenant: TenantID(id), subject: Self.subject(id)), by: caller,
                in: transaction)
            return try Self.company(row, role: role)
        }
    }

    static let end = Statement(
        "companies.end", "UPDATE companies SET deleted_at = now(), updated_at = now() WHERE id = $1")
    static let revokeKeys = Statement(
        "companies.revoke_keys", "UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1 AND revoked_at IS NULL")
    static let stopSchedules = Statement("companies.stop_schedules", "DELETE FROM schedules WHERE tenant_id = $1")

    /// Ends a company at once for everybody: its keys and its schedules end with it. Its rows go 30 days later.
    package func delete(_ id: CompanyID, _ caller: Caller) async throws {
        try await inside(id, caller, needing: .writeCompany, isLocked: true) { transaction, role in
            guard role == .owner else { throw CompanyError.ownersOnly }
            for statement in [Self.end, Self.revokeKeys, Self.stopSchedules] {
                _ = try await transaction.execute(statement, [.uuid(id.uuid)])
            }
            try await AuditLog.record(
                AuditLog.Entry(.companyDeleted, tenant: TenantID(id), subject: Self.subject(id)), by: caller,
                in: transaction)
        }
    }

    static func subject(_ id: CompanyID) -> String { "company:\(id)" }

    private static func company(_ row: PostgresRow, role: Role? = nil) throws -> Company {
        Company(
            id: CompanyID(try row.uuid(0)), name: try row.text(1), role: try role ?? row.optionalRole(2),
            createdAt: try row.timestamp(3))
    }
}

extension PostgresRow {
    /// A role as the table's CHECK constraint guarantees it.
    func role(_ column: Int) throws -> Role {
        guard let role = try optionalRole(column) else { throw CompanyError.notFound }
        return role
    }

    func optionalRole(_ column: Int) throws -> Role? { try optionalText(column).flatMap(Role.init(rawValue:)) }
}
