package import Domain
package import FoundationEssentials
import Postgres

extension Companies {
    package struct Member: Sendable {
        package var user: UserID
        package var email: String
        package var name: String
        package var role: Role
        /// When the person joined.
        package var createdAt: Date
    }

    private static let memberColumns = """
        SELECT membership.user_id, person.email, person.name, membership.role, membership.created_at
        FROM memberships AS membership JOIN users AS person ON person.id = membership.user_id
        WHERE membership.company_id = $1
        """

    static let members = Statement(
        "memberships.list",
        """
        \(memberColumns) AND ($2::uuid IS NULL OR membership.user_id > $2) ORDER BY membership.user_id LIMIT $3
        """)

    /// A company's members, the oldest account first.
    /// - Parameter after: the last one of the page before.
    package func members(
        of company: CompanyID, after: UserID?, limit: Int, _ caller: Caller
    ) async throws -> [Member] {
        try await inside(company, caller, needing: .readCompany) { transaction, _ in
            try await transaction.query(
                Self.members, [.uuid(company.uuid), .optional(after?.uuid, PostgresValue.uuid), .int(limit)]
            ).map(Self.member)
        }
    }

    static let member = Statement("memberships.find", "\(memberColumns) AND membership.user_id = $2")
    static let countOwners = Statement(
        "memberships.owners", "SELECT count(*) FROM memberships WHERE company_id = $1 AND role = 'owner'")
    static let changeRole = Statement(
        "memberships.change_role", "UPDATE memberships SET role = $3 WHERE company_id = $1 AND user_id = $2")

    package func changeRole(
        of user: UserID, to role: Role, in company: CompanyID, _ caller: Caller
    ) async throws -> Member {
        try await inside(company, caller, needing: .writeCompany, isLocked: true) { transaction, ownRole in
            var member = try await Self.member(user, of: company, in: transaction)
            if role == .owner, ownRole != .owner { throw CompanyError.ownersOnly }
            if role != .owner { try await Self.checkMayLose(member, in: company, by: ownRole, transaction) }
            let before = member.role
            guard role != before else { return member }
            _ = try await transaction.execute(
                Self.changeRole, [.uuid(company.uuid), .uuid(user.uuid), .text(role.rawValue)])
            try await AuditLog.record(
                AuditLog.Entry(
                    .memberRoleChanged, tenant: TenantID(company), user: user, subject: Self.subject(user)
                ) { details in
                    details.field("from", before.rawValue)
                    details.field("to", role.rawValue)
                }, by: caller, in: transaction)
            member.role = role
            return member
        }
    }

    static let leave = Statement(
        "memberships.leave", "DELETE FROM memberships WHERE company_id = $1 AND user_id = $2")
    static let unassign = Statement(
        "tasks.unassign",
        """
        UPDATE tasks SET owner_id = NULL, version = version + 1, updated_at = now()
        WHERE tenant_id = $1 AND owner_id = $2
        """)

    /// Takes somebody out of a company; everybody may take out themselves. The tasks of the one who leaves are
    /// nobody's then.
    package func remove(_ user: UserID, from company: CompanyID, _ caller: Caller) async throws {
        let isLeaving = caller.user == user
        let needed = isLeaving ? Permissions.readCompany : .writeCompany
        try await inside(company, caller, needing: needed, isLocked: true) { transaction, ownRole in
            let member = try await Self.member(user, of: company, in: transaction)
            try await Self.checkMayLose(member, in: company, by: ownRole, transaction)
            for statement in [Self.leave, Self.unassign] {
                _ = try await transaction.execute(statement, [.uuid(company.uuid), .uuid(user.uuid)])
            }
            try await AuditLog.record(
                AuditLog.Entry(
                    isLeaving ? .memberLeft : .memberRemoved, tenant: TenantID(company), user: user,
                    subject: Self.subject(user)
                ) { $0.field("role", member.role.rawValue) }, by: caller, in: transaction)
        }
    }

    /// Whether a member may stop being what they are: asked with the company locked, so that two owners cannot both go.
    private static func checkMayLose(
        _ member: Member, in company: CompanyID, by role: Role?, _ transaction: PostgresTransaction
    ) async throws {
        guard member.role == .owner else { return }
        guard role == .owner else { throw CompanyError.ownersOnly }
        let owners = try await transaction.query(countOwners, [.uuid(company.uuid)])[0].int(0)
        if owners <= 1 { throw CompanyError.lastOwner }
    }

    private static func member(
        _ user: UserID, of company: CompanyID, in transaction: PostgresTransaction
    ) async throws -> Member {
        let rows = try await transaction.query(member, [.uuid(company.uuid), .uuid(user.uuid)])
        guard let row = rows.first else { throw CompanyError.memberNotFound }
        return try member(row)
    }

    private static func member(_ row: PostgresRow) throws -> Member {
        Member(
            user: UserID(try row.uuid(0)), email: try row.text(1), name: try row.text(2), role: try row.role(3),
            createdAt: try row.timestamp(4))
    }

    static func subject(_ user: UserID) -> String { "user:\(user)" }
}
