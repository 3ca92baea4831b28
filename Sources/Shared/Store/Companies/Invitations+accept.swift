package import Domain
import FoundationEssentials
import Postgres

extension Invitations {
    static let account = Statement(
        "invitations.account", "SELECT email, is_verified FROM users WHERE id = $1 AND is_active")

    /// Locks the invitation, so that it is accepted once.
    static let take = Statement(
        "invitations.take",
        """
        SELECT invitation.email, invitation.role, company.name, company.created_at
        FROM invitations AS invitation JOIN companies AS company ON company.id = invitation.company_id
        WHERE invitation.id = $1 AND invitation.company_id = $2 AND company.deleted_at IS NULL
          AND invitation.accepted_at IS NULL AND invitation.revoked_at IS NULL AND invitation.expires_at > now()
        FOR UPDATE OF invitation
        """)

    static let accept = Statement("invitations.accept", "UPDATE invitations SET accepted_at = now() WHERE id = $1")

    static let countMembers = Statement(
        "memberships.count", "SELECT count(*) FROM memberships WHERE company_id = $1")

    /// Accepts an invitation.
    /// - Parameters:
    ///   - id: with its company, from a token that was mailed to the invited address and whose signature is right: that
    ///     is what opens the company here.
    ///   - user: the person who accepts. One who is a member already keeps their role.
    package func accept(
        _ id: InvitationID, to company: CompanyID, by user: UserID, _ caller: Caller
    ) async throws -> Company {
        let settings = Caller.settings(tenant: TenantID(company), user: user)
        return try await companies.pool.transaction(settings: settings) { transaction in
            let (role, accepted) = try await take(id, company, user, in: transaction)
            let members = try await transaction.query(Self.countMembers, [.uuid(company.uuid)])[0].int(0)
            if members >= Companies.maxMembers { throw CompanyError.tooManyMembers }
            _ = try await transaction.execute(Self.accept, [.uuid(id.uuid)])
            let joined = try await transaction.execute(
                Companies.join, [.uuid(company.uuid), .uuid(user.uuid), .text(role.rawValue)])
            guard joined == 1 else {
                let row = try await transaction.query(
                    Companies.roleOfPerson, [.uuid(company.uuid), .uuid(user.uuid)])
                var accepted = accepted
                accepted.role = try row.first?.role(0)
                return accepted
            }
            try await AuditLog.record(
                AuditLog.Entry(
                    .memberAdded, tenant: TenantID(company), user: user, subject: Companies.subject(user)
                ) { details in
                    details.field("role", role.rawValue)
                    details.field("invitation_id", id.description)
                }, by: caller, in: transaction)
            return accepted
        }
    }

    private func take(
        _ id: InvitationID, _ company: CompanyID, _ user: UserID, in transaction: PostgresTransaction
    ) async throws -> (Role, Company) {
        guard let account = try await transaction.query(Self.account, [.uuid(user.uuid)]).first else {
            throw CompanyError.invitationEnded
        }
        guard let row = try await transaction.query(Self.take, [.uuid(id.uuid), .uuid(company.uuid)]).first else {
            throw CompanyError.invitationEnded
        }
        guard try account.text(0) == row.text(0) else { throw CompanyError.otherAddress }
        guard try account.bool(1) else { throw CompanyError.unverified }
        let role = try row.role(1)
        return (
            role, Company(id: company, name: try row.text(2), role: role, createdAt: try row.timestamp(3))
        )
    }
}
