package import Domain
package import FoundationEssentials
import Postgres

/// A person's account.
package struct User: Sendable, Equatable {
    package var id: UserID
    package var email: EmailAddress
    /// Replaces `email` once it is verified.
    package var pendingEmail: EmailAddress?
    package var name: String
    /// A PHC string or a bcrypt hash. `nil`: signs in elsewhere only.
    package var passwordHash: String?
    package var isActive: Bool
    package var isVerified: Bool
    package var isSuperuser: Bool
    package var createdAt: Date
    package var lastLoginAt: Date?
    /// Since when the account is being erased.
    package var deletedAt: Date?

    /// May sign in, as far as the account is concerned.
    package var isUsable: Bool { isActive && deletedAt == nil }

    package init(
        id: UserID, email: EmailAddress, pendingEmail: EmailAddress? = nil, name: String = "",
        passwordHash: String? = nil, isActive: Bool = true, isVerified: Bool = false, isSuperuser: Bool = false,
        createdAt: Date = Date(), lastLoginAt: Date? = nil,
        deletedAt: Date? = nil
    ) {
        self.id = id
        self.email = email
        self.pendingEmail = pendingEmail
        self.name = name
        self.passwordHash = passwordHash
        self.isActive = isActive
        self.isVerified = isVerified
        self.isSuperuser = isSuperuser
        self.createdAt = createdAt
        self.lastLoginAt = lastLoginAt
        self.deletedAt = deletedAt
    }

    /// The columns `init(_:)` reads, in its order.
    static let columns = """
        id, email, name, password_hash, is_active, is_verified, is_superuser, created_at, last_login_at, deleted_at,
        pending_email
        """

    init(_ row: PostgresRow) throws {
        guard let email = EmailAddress(try row.text(1)) else { throw UnreadableAccount(column: "email") }
        self.init(
            id: UserID(try row.uuid(0)), email: email,
            pendingEmail: try row.optionalText(10).flatMap { EmailAddress($0) }, name: try row.text(2),
            passwordHash: try row.optionalText(3),
            isActive: try row.bool(4), isVerified: try row.bool(5), isSuperuser: try row.bool(6),
            createdAt: try row.timestamp(7), lastLoginAt: try row.optionalTimestamp(8),
            deletedAt: try row.optionalTimestamp(9))
    }
}

/// The row says something this version does not know: the database is newer than the program.
package struct UnreadableAccount: Error, Equatable {
    package var column: String
}
