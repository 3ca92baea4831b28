package import Domain
package import Postgres

/// Sign-ins. Every method acts as the person whose sessions they are. Errors are `PostgresError`.
package struct Sessions: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// A person's living sessions; opening one more ends the oldest.
    package static let maxPerUser = 100

    static let open = Statement(
        "sessions.open",
        """
        INSERT INTO sessions (id, user_id, expires_at, user_agent, address)
        VALUES ($1, $2, now() + make_interval(hours => $3::int4), $4, $5)
        """)

    static let endOldest = Statement(
        "sessions.end_oldest",
        """
        UPDATE sessions SET revoked_at = now(), revoked_because = 'revoked'
        WHERE id IN (SELECT id FROM sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
                     ORDER BY created_at DESC, id DESC OFFSET \(maxPerUser))
        """)

    /// - Parameters:
    ///   - userAgent: cut at 300 characters.
    ///   - address: of the client.
    package func open(
        _ id: SessionID, of user: UserID, lifeHours: Int, userAgent: String, address: String,
        in transaction: PostgresTransaction
    ) async throws {
        let agent = String(String.UnicodeScalarView(userAgent.unicodeScalars.filter { $0 != "\0" }.prefix(300)))
        try await transaction.execute(
            Self.open,
            [
                .uuid(id.uuid), .uuid(user.uuid), .int32(Int32(clamping: lifeHours)), .text(agent),
                .text(String(address.prefix(45))),
            ])
        try await transaction.execute(Self.endOldest, [.uuid(user.uuid)])
    }

    static let list = Statement(
        "sessions.list",
        """
        SELECT \(Session.columns) FROM sessions
        WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now() ORDER BY created_at DESC, id DESC
        """)

    /// The living ones, newest first.
    package func list(of user: UserID) async throws -> [Session] {
        try await pool.query(Self.list, [.uuid(user.uuid)], settings: RowAccess.user(user)).map(Session.init)
    }

    static let revoke = Statement(
        "sessions.revoke",
        """
        UPDATE sessions SET revoked_at = now(), revoked_because = $3
        WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL
        """)

    /// - Returns: false when there is no such session, or it has ended.
    package func revoke(
        _ id: SessionID, of user: UserID, because reason: Session.Revocation, in transaction: PostgresTransaction
    ) async throws -> Bool {
        try await transaction.execute(
            Self.revoke, [.uuid(id.uuid), .uuid(user.uuid), .text(reason.rawValue)]) > 0
    }

    static let revokeOthers = Statement(
        "sessions.revoke_others",
        """
        UPDATE sessions SET revoked_at = now(), revoked_because = $3
        WHERE user_id = $1 AND id IS DISTINCT FROM $2::uuid AND revoked_at IS NULL
        """)

    /// Ends all of a person's sessions but one.
    /// - Parameter kept: `nil`: not even one.
    /// - Returns: how many.
    @discardableResult
    package func revokeOthers(
        of user: UserID, but kept: SessionID?, because reason: Session.Revocation, in transaction: PostgresTransaction
    ) async throws -> Int {
        try await transaction.execute(
            Self.revokeOthers,
            [.uuid(user.uuid), .optional(kept?.uuid, PostgresValue.uuid), .text(reason.rawValue)])
    }
}
