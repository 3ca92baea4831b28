package import Domain
package import Postgres

/// What operators see and do of people's accounts. Runs as the worker's role, and records everything it changes.
/// Errors are `PostgresError`.
package struct AccountOperations: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// How an operator names an account.
    package enum Name: Sendable {
        case id(UserID)
        case email(EmailAddress)
    }

    /// As the audit log names whoever runs operators' commands.
    package static let caller = Caller(name: "operator", user: nil, tenant: .operators, permissions: .all)

    static let list = Statement(
        "operators.users",
        """
        SELECT \(User.columns) FROM users
        WHERE ($1::text IS NULL OR position($1 IN email) > 0 OR position($1 IN lower(name)) > 0)
        ORDER BY id DESC LIMIT $2
        """)

    /// Accounts, newest first, those that are being erased too.
    /// - Parameter text: part of an address or a name, in lower case; `nil`: all.
    package func list(matching text: String?, limit: Int) async throws -> [User] {
        try await pool.query(
            Self.list, [.optional(text, PostgresValue.text), .int(limit)], settings: RowAccess.operators
        ).map(User.init)
    }

    static let lockByEmail = Statement(
        "operators.lock_by_email", "SELECT \(User.columns) FROM users WHERE email = $1 FOR UPDATE")

    /// The account, locked until the transaction, which acts as operators, ends.
    package func lock(_ name: Name, in transaction: PostgresTransaction) async throws -> User? {
        switch name {
        case .id(let id): try await Users(pool: pool).lock(id, in: transaction)
        case .email(let email):
            try await transaction.query(Self.lockByEmail, [.text(email.text)]).first.map(User.init)
        }
    }

    /// - Returns: false when the address has an account.
    package func create(_ user: User) async throws -> Bool {
        try await pool.transaction(settings: RowAccess.operators) { try await create(user, in: $0) }
    }

    /// In a transaction that acts as operators.
    package func create(_ user: User, in transaction: PostgresTransaction) async throws -> Bool {
        guard try await Users(pool: pool).insert(user, in: transaction) else { return false }
        try await Self.record(.userCreated, of: user.id, in: transaction)
        return true
    }

    /// Changes an account.
    /// - Parameter ending: why its sessions end with the change; `nil`: they go on.
    /// - Returns: the account as it is then; `nil` when there is none.
    package func change(
        _ name: Name, _ action: AuditAction, ending: Session.Revocation? = nil,
        _ body: @escaping @Sendable (inout User) -> Void
    ) async throws -> User? {
        try await pool.transaction(settings: RowAccess.operators) { transaction in
            guard var user = try await lock(name, in: transaction), user.deletedAt == nil else { return nil }
            body(&user)
            try await Users(pool: pool).update(user, in: transaction)
            if let ending {
                try await Sessions(pool: pool).revokeOthers(of: user.id, but: nil, because: ending, in: transaction)
            }
            try await Self.record(action, of: user.id, in: transaction)
            return user
        }
    }

    /// Ends all sessions of a person.
    /// - Returns: whose and how many; `nil` when there is no such account.
    package func revokeSessions(of name: Name) async throws -> (user: User, count: Int)? {
        try await pool.transaction(settings: RowAccess.operators) { transaction in
            guard let user = try await lock(name, in: transaction) else { return nil }
            let count = try await Sessions(pool: pool)
                .revokeOthers(of: user.id, but: nil, because: .operators, in: transaction)
            try await Self.record(.sessionsRevoked, of: user.id, in: transaction) { $0.field("sessions", count) }
            return (user, count)
        }
    }

    /// What became of an account that was to be deleted.
    package enum Deletion: Sendable, Equatable {
        case deleted(UserID)
        case unknown
        /// A company with other members would be left without an owner.
        case isLastOwner
    }

    /// Ends an account at once, in a transaction that acts as operators. What it owns is erased by the job
    /// `account.erase`, which belongs into the same transaction.
    package func delete(_ name: Name, in transaction: PostgresTransaction) async throws -> Deletion {
        guard var user = try await lock(name, in: transaction), user.deletedAt == nil else { return .unknown }
        let users = Users(pool: pool)
        guard try await users.leaveCompanies(user.id, in: transaction) else { return .isLastOwner }
        user.close()
        try await users.update(user, in: transaction)
        try await Sessions(pool: pool)
            .revokeOthers(of: user.id, but: nil, because: .accountDeleted, in: transaction)
        try await Self.record(.accountDeleted, of: user.id, in: transaction)
        return .deleted(user.id)
    }

    private static func record(
        _ action: AuditAction, of user: UserID, in transaction: PostgresTransaction,
        details: @escaping @Sendable (inout JSONWriter) -> Void = { _ in }
    ) async throws {
        let entry = AuditLog.Entry(
            action, tenant: TenantID(user), user: user, subject: "user:\(user)", details: details)
        try await AuditLog.record(entry, by: caller, in: transaction)
    }
}

extension AuditAction {
    package static let userCreated = Self(rawValue: "users.created")
    package static let userActivated = Self(rawValue: "users.activated")
    package static let userDeactivated = Self(rawValue: "users.deactivated")
}
