package import Domain
package import Postgres

/// People's accounts. Errors are `PostgresError`.
package struct Users: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    static let byEmail = Statement("users.by_email", "SELECT \(User.columns) FROM users WHERE email = $1")
    static let byID = Statement("users.by_id", "SELECT \(User.columns) FROM users WHERE id = $1")

    /// The account of an address. `nil` when there is none.
    package func find(_ email: EmailAddress) async throws -> User? {
        let rows = try await pool.query(Self.byEmail, [.text(email.text)], settings: RowAccess.email(email))
        return try rows.first.map(User.init)
    }

    package func find(_ id: UserID) async throws -> User? {
        let rows = try await pool.query(Self.byID, [.uuid(id.uuid)], settings: RowAccess.user(id))
        return try rows.first.map(User.init)
    }

    static let lockByID = Statement("users.lock", "SELECT \(User.columns) FROM users WHERE id = $1 FOR UPDATE")

    /// The account, locked until the transaction ends. The transaction acts as this person.
    package func lock(_ id: UserID, in transaction: PostgresTransaction) async throws -> User? {
        try await transaction.query(Self.lockByID, [.uuid(id.uuid)]).first.map(User.init)
    }

    static let insert = Statement(
        "users.insert",
        """
        INSERT INTO users (id, email, name, password_hash, is_verified, is_superuser)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING
        """)

    /// In a transaction that acts as this person.
    /// - Returns: false when the address has an account.
    package func insert(_ user: User, in transaction: PostgresTransaction) async throws -> Bool {
        try await transaction.execute(
            Self.insert,
            [
                .uuid(user.id.uuid), .text(user.email.text), .text(user.name),
                .optional(user.passwordHash, PostgresValue.text), .bool(user.isVerified), .bool(user.isSuperuser),
            ]) > 0
    }

    static let update = Statement(
        "users.update",
        """
        UPDATE users SET email = $2, name = $3, password_hash = $4, is_active = $5, is_verified = $6,
                         is_superuser = $7, deleted_at = $8::timestamptz, pending_email = $9::text, updated_at = now()
        WHERE id = $1
        """)

    /// Writes what may change of an account that the transaction has locked.
    /// - Throws: `PostgresError` with a unique violation of `users_email_key` when another account has the address.
    package func update(_ user: User, in transaction: PostgresTransaction) async throws {
        try await transaction.execute(
            Self.update,
            [
                .uuid(user.id.uuid), .text(user.email.text), .text(user.name),
                .optional(user.passwordHash, PostgresValue.text), .bool(user.isActive), .bool(user.isVerified),
                .bool(user.isSuperuser), .optional(user.deletedAt, PostgresValue.timestamp),
                .optional(user.pendingEmail?.text, PostgresValue.text),
            ])
    }

    static let signedIn = Statement(
        "users.signed_in",
        "UPDATE users SET last_login_at = now(), password_hash = coalesce($2::text, password_hash) WHERE id = $1")

    /// - Parameter rehashed: replaces a hash of an older kind.
    package func signedIn(_ id: UserID, rehashed: String?, in transaction: PostgresTransaction) async throws {
        try await transaction.execute(Self.signedIn, [.uuid(id.uuid), .optional(rehashed, PostgresValue.text)])
    }
}

extension PostgresError {
    /// Another account has the address.
    package var isAddressTaken: Bool {
        guard case .server(.uniqueViolation, _, _, let constraint) = self else { return false }
        return constraint == "users_email_key"
    }
}
