package import Domain
import Postgres

extension AccountOperations {
    /// All there is to know of one account.
    package struct Details: Sendable {
        package var user: User
        /// The living ones, newest first.
        package var sessions: [Session]
        package var companies: [(id: CompanyID, name: String, role: String)]
        /// Whom other issuers of tokens know the person as.
        package var identities: [(issuer: String, subject: String)]
    }

    static let companies = Statement(
        "operators.companies_of_user",
        """
        SELECT company.id, company.name, member.role FROM memberships AS member
        JOIN companies AS company ON company.id = member.company_id AND company.deleted_at IS NULL
        WHERE member.user_id = $1 ORDER BY company.name, company.id LIMIT 1000
        """)

    static let identities = Statement(
        "operators.identities_of_user",
        "SELECT issuer, subject FROM identities WHERE user_id = $1 ORDER BY created_at LIMIT 100")

    /// `nil` when there is no such account.
    package func details(_ name: Name) async throws -> Details? {
        try await pool.transaction(settings: RowAccess.operators) { transaction in
            let rows =
                switch name {
                case .id(let id): try await transaction.query(Users.byID, [.uuid(id.uuid)])
                case .email(let email): try await transaction.query(Users.byEmail, [.text(email.text)])
                }
            guard let user = try rows.first.map(User.init) else { return nil }
            let id: [PostgresValue] = [.uuid(user.id.uuid)]
            let sessions = try await transaction.query(Sessions.list, id).map(Session.init)
            let companies = try await transaction.query(Self.companies, id).map { row in
                (id: CompanyID(try row.uuid(0)), name: try row.text(1), role: try row.text(2))
            }
            let identities = try await transaction.query(Self.identities, id).map { row in
                (issuer: try row.text(0), subject: try row.text(1))
            }
            return Details(user: user, sessions: sessions, companies: companies, identities: identities)
        }
    }
}
