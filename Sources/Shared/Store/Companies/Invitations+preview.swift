package import Domain
package import FoundationEssentials
import Jobs
import Postgres

extension Invitations {
    /// What an invitation is to, for whoever holds its link.
    package struct Preview: Sendable {
        package var company: CompanyID
        package var companyName: String
        package var role: Role
        /// `nil`: a key, or somebody who is no member any more.
        package var inviter: Inviter?
        package var expiresAt: Date

        package struct Inviter: Sendable {
            /// May be empty.
            package var name: String
            package var email: String
        }
    }

    static let preview = Statement(
        "invitations.preview",
        """
        SELECT company.name, invitation.role, inviter.name, inviter.email, invitation.expires_at
        FROM invitations AS invitation
        JOIN companies AS company ON company.id = invitation.company_id AND company.deleted_at IS NULL
        LEFT JOIN users AS inviter ON inviter.id = invitation.invited_by
        WHERE invitation.id = $1 AND invitation.company_id = $2
          AND invitation.accepted_at IS NULL AND invitation.revoked_at IS NULL AND invitation.expires_at > now()
        """)

    /// Shows an invitation that waits for an answer. It changes nothing, and whoever asks need have no account.
    /// - Parameter id: with its company, from a token that was mailed to the invited address and whose signature is
    ///   right: as when it is accepted, that is what opens the company here.
    /// - Throws: `CompanyError.invitationEnded`.
    package func preview(_ id: InvitationID, to company: CompanyID) async throws -> Preview {
        let rows = try await companies.pool.query(
            Self.preview, [.uuid(id.uuid), .uuid(company.uuid)], settings: RowAccess.tenant(TenantID(company)))
        guard let row = rows.first else { throw CompanyError.invitationEnded }
        let email = try row.optionalText(3)
        return Preview(
            company: company, companyName: try row.text(0), role: try row.role(1),
            inviter: try email.map { Preview.Inviter(name: try row.text(2), email: $0) },
            expiresAt: try row.timestamp(4))
    }
}
