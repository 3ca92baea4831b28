package import Domain
package import FoundationEssentials
import Jobs
package import Postgres

/// What the writer of a mail has to know about who gets it. Acts as the address or the company of the mail, and sees
/// nothing else.
///
/// Errors are `PostgresError`, unless a method says otherwise.
package struct MailContext: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    package struct Account: Sendable {
        package var user: UserID
        /// `nil`: signs in elsewhere.
        package var passwordHash: String?
        package var isActive: Bool
        /// False once the address is known to be theirs.
        package var needsVerification: Bool
        /// The account has another address, which this one is to replace.
        package var isToBeReplaced: Bool
    }

    static let account = Statement(
        "mail.account",
        """
        SELECT id, password_hash, is_active, NOT is_verified OR email <> $1, email <> $1 FROM users
        WHERE deleted_at IS NULL AND coalesce(id = $2::uuid, true)
          AND (email = $1 OR (id = $2::uuid AND pending_email = $1))
        """)

    /// The account of an address. `nil` when there is none, or it is not that of `user`. An account that is to get the
    /// address is found by its user only.
    package func account(_ email: String, user: UserID?) async throws -> Account? {
        let settings = [
            PostgresSetting("errand.email", email), PostgresSetting("errand.user", user?.description ?? ""),
        ]
        let rows = try await pool.query(
            Self.account, [.text(email), .optional(user?.uuid, PostgresValue.uuid)], settings: settings)
        return try rows.first.map { row in
            Account(
                user: UserID(try row.uuid(0)), passwordHash: try row.optionalText(1), isActive: try row.bool(2),
                needsVerification: try row.bool(3), isToBeReplaced: try row.bool(4))
        }
    }

    package struct Invitation: Sendable {
        package var id: InvitationID
        package var company: CompanyID
        package var companyName: String
        /// Empty when the person has no name, or is no member any more.
        package var inviter: String
        package var expiresAt: Date
    }

    static let invitation = Statement(
        "mail.invitation",
        """
        SELECT company.name, coalesce(inviter.name, ''), invitation.expires_at
        FROM invitations AS invitation
        JOIN companies AS company ON company.id = invitation.company_id AND company.deleted_at IS NULL
        LEFT JOIN users AS inviter ON inviter.id = invitation.invited_by
        WHERE invitation.id = $1 AND invitation.company_id = $2 AND invitation.email = $3
          AND invitation.accepted_at IS NULL AND invitation.revoked_at IS NULL AND invitation.expires_at > now()
        """)

    /// An invitation that is still open. `nil` when there is none such.
    package func invitation(
        _ id: InvitationID, of company: CompanyID, to email: String
    ) async throws -> Invitation? {
        let rows = try await pool.query(
            Self.invitation, [.uuid(id.uuid), .uuid(company.uuid), .text(email)],
            settings: JobStore.acting(for: TenantID(company)))
        return try rows.first.map { row in
            Invitation(
                id: id, company: company, companyName: try row.text(0), inviter: try row.text(1),
                expiresAt: try row.timestamp(2))
        }
    }
    package struct Connection: Sendable {
        package var provider: ProviderName
        /// How its owner knows the account there.
        package var accountName: String
    }

    static let connection = Statement(
        "mail.connection",
        """
        SELECT provider, account_name FROM connections
        WHERE tenant_id = $1 AND id = $2 AND state = 'needs_reconnect' AND connected_by = $3
          AND ($1 = $3 OR EXISTS (SELECT 1 FROM memberships WHERE company_id = $1 AND user_id = $3))
        """)

    /// A connection that needs the person who made it. `nil` when it does not any more, or they have left.
    package func connection(
        _ id: ConnectionID, of workspace: TenantID, madeBy user: UserID
    ) async throws -> Connection? {
        let rows = try await pool.query(
            Self.connection, [.uuid(workspace.uuid), .uuid(id.uuid), .uuid(user.uuid)],
            settings: JobStore.acting(for: workspace))
        return try rows.first.map { Connection(provider: try $0.provider(0), accountName: try $0.text(1)) }
    }
}
