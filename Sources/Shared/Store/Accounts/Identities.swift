package import Domain
package import Postgres
import Vault

/// Who people are to other issuers of tokens. Errors are `PostgresError`.
package struct Identities: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// What somebody else's token says about a person.
    package struct Claim: Sendable {
        package var issuer: String
        package var subject: String
        package var email: EmailAddress
        package var isVerified: Bool

        package init(issuer: String, subject: String, email: EmailAddress, isVerified: Bool) {
            self.issuer = issuer
            self.subject = subject
            self.email = email
            self.isVerified = isVerified
        }
    }

    static let find = Statement("identities.find", "SELECT user_id FROM identities WHERE issuer = $1 AND subject = $2")
    static let insert = Statement(
        "identities.insert",
        "INSERT INTO identities (issuer, subject, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")

    /// Whom an issuer's subject is here. `nil` on first sight.
    package func find(issuer: String, subject: String) async throws -> UserID? {
        let digest = Digest.sha256("\(issuer) \(subject)".utf8)
        let rows = try await pool.query(
            Self.find, [.text(issuer), .text(subject)], settings: RowAccess.secret(digest: digest))
        return try rows.first.map { UserID(try $0.uuid(0)) }
    }

    /// The account of a claim, made on first sight. An account that has the address already is taken only when both
    /// sides have verified it; otherwise whoever registers an address elsewhere would get into somebody's account.
    /// - Returns: `nil` when the address belongs to an account that cannot be taken.
    package func resolve(_ claim: Claim) async throws -> UserID? {
        if let known = try await find(issuer: claim.issuer, subject: claim.subject) { return known }
        let users = Users(pool: pool)
        if let holder = try await users.find(claim.email) {
            guard claim.isVerified, holder.isVerified, holder.isUsable else { return nil }
            try await pool.transaction(settings: RowAccess.user(holder.id)) { try await link(claim, holder.id, $0) }
            return holder.id
        }
        let new = User(id: .make(), email: claim.email, isVerified: claim.isVerified)
        let isMade = try await pool.transaction(settings: RowAccess.user(new.id)) { transaction in
            guard try await users.insert(new, in: transaction) else { return false }
            try await link(claim, new.id, transaction)
            return true
        }
        // Another request was there first: it made the identity, or the address is somebody's since a moment ago.
        return isMade ? new.id : try await find(issuer: claim.issuer, subject: claim.subject)
    }

    private func link(_ claim: Claim, _ user: UserID, _ transaction: PostgresTransaction) async throws {
        try await transaction.execute(
            Self.insert, [.text(claim.issuer), .text(claim.subject), .uuid(user.uuid)])
    }
}
