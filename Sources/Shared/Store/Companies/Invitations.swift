package import Domain
package import FoundationEssentials
package import Jobs
import Postgres

package struct Invitation: Sendable {
    package var id: InvitationID
    package var email: String
    package var role: Role
    /// `nil`: a key, or somebody whose account is gone.
    package var invitedBy: UserID?
    package var createdAt: Date
    package var expiresAt: Date
}

/// Asking people into companies. An invitation is for one address: only an account that has proved to have it accepts.
///
/// Errors are `CompanyError` and `PostgresError`.
package struct Invitations: Sendable {
    let companies: Companies
    let intake: JobIntake

    package init(companies: Companies, intake: JobIntake) {
        self.companies = companies
        self.intake = intake
    }

    /// Invitations of one company that wait for an answer.
    package static let maxOpen = 500
    package static let days = 7

    private static let columns = "id, email, role, invited_by, created_at, expires_at"

    static let open = Statement(
        "invitations.open",
        """
        SELECT \(columns) FROM invitations
        WHERE company_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now()
          AND ($2::uuid IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3
        """)

    /// Those that wait for an answer, newest first.
    /// - Parameter before: the last one of the page before.
    package func list(
        of company: CompanyID, before: InvitationID?, limit: Int, _ caller: Caller
    ) async throws -> [Invitation] {
        try await companies.inside(company, caller, needing: .writeCompany) { transaction, _ in
            try await transaction.query(
                Self.open, [.uuid(company.uuid), .optional(before?.uuid, PostgresValue.uuid), .int(limit)]
            ).map(Self.invitation)
        }
    }

    static let isMember = Statement(
        "invitations.is_member",
        """
        SELECT 1 FROM memberships AS membership JOIN users AS person ON person.id = membership.user_id
        WHERE membership.company_id = $1 AND person.email = $2
        """)
    static let replace = Statement(
        "invitations.replace",
        """
        UPDATE invitations SET revoked_at = now()
        WHERE company_id = $1 AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL
        """)
    static let insert = Statement(
        "invitations.insert",
        """
        INSERT INTO invitations (id, company_id, email, role, invited_by, expires_at)
        SELECT $1, $2, $3, $4, $5::uuid, now() + $6 * interval '1 day'
        WHERE (SELECT count(*) FROM invitations
            WHERE company_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now()) < $7
        RETURNING \(columns)
        """)

    /// Invites an address, and queues the mail that says so in the same transaction. Whether anybody has an account
    /// with it is not said. An earlier invitation of the address ends.
    /// - Parameter mail: the job that sends the mail. It is the operators', as those of all mails are: the company's
    ///   list of jobs does not show it.
    package func invite(
        _ email: EmailAddress, as role: Role, to company: CompanyID, _ caller: Caller,
        mail: @Sendable (InvitationID) throws -> JobSpecification
    ) async throws -> Invitation {
        let id = InvitationID.make()
        _ = try await intake.accept(tenant: .operators, key: nil, acting: Companies.entering(caller)) { transaction in
            try await write(id, email, role, company, caller, in: transaction)
            try await RowAccess.act(for: [.operators], in: transaction)
            return try mail(id)
        }
        let invitation = try await companies.inside(company, caller, needing: .writeCompany) { transaction, _ in
            try await transaction.query(Self.find, [.uuid(id.uuid), .uuid(company.uuid)]).first.map(Self.invitation)
        }
        guard let invitation else { throw CompanyError.invitationNotFound }
        return invitation
    }

    private func write(
        _ id: InvitationID, _ email: EmailAddress, _ role: Role, _ company: CompanyID, _ caller: Caller,
        in transaction: PostgresTransaction
    ) async throws {
        let ownRole = try await Companies.enter(
            company, caller, needing: .writeCompany, isLocked: true, in: transaction)
        if role == .owner, ownRole != .owner { throw CompanyError.ownersOnly }
        let place: [PostgresValue] = [.uuid(company.uuid), .text(email.text)]
        if try await !transaction.query(Self.isMember, place).isEmpty { throw CompanyError.alreadyMember }
        _ = try await transaction.execute(Self.replace, place)
        let rows = try await transaction.query(
            Self.insert,
            [
                .uuid(id.uuid), .uuid(company.uuid), .text(email.text), .text(role.rawValue),
                .optional(caller.user?.uuid, PostgresValue.uuid), .int(Self.days), .int(Self.maxOpen),
            ])
        if rows.isEmpty { throw CompanyError.tooManyInvitations }
        try await AuditLog.record(
            AuditLog.Entry(.invitationSent, tenant: TenantID(company), subject: Self.subject(id)) { details in
                details.field("email", email.text)
                details.field("role", role.rawValue)
            }, by: caller, in: transaction)
    }

    static let find = Statement(
        "invitations.find", "SELECT \(columns) FROM invitations WHERE id = $1 AND company_id = $2")

    static let revoke = Statement(
        "invitations.revoke",
        """
        UPDATE invitations SET revoked_at = now()
        WHERE id = $1 AND company_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL
        """)

    /// Ends an invitation that nobody has accepted.
    package func revoke(_ id: InvitationID, of company: CompanyID, _ caller: Caller) async throws {
        try await companies.inside(company, caller, needing: .writeCompany) { transaction, _ in
            let ended = try await transaction.execute(Self.revoke, [.uuid(id.uuid), .uuid(company.uuid)])
            guard ended == 1 else { throw CompanyError.invitationNotFound }
            try await AuditLog.record(
                AuditLog.Entry(.invitationRevoked, tenant: TenantID(company), subject: Self.subject(id)), by: caller,
                in: transaction)
        }
    }

    static func subject(_ id: InvitationID) -> String { "invitation:\(id)" }

    static func invitation(_ row: PostgresRow) throws -> Invitation {
        Invitation(
            id: InvitationID(try row.uuid(0)), email: try row.text(1), role: try row.role(2),
            invitedBy: try row.optionalUUID(3).map { UserID($0) }, createdAt: try row.timestamp(4),
            expiresAt: try row.timestamp(5))
    }
}
