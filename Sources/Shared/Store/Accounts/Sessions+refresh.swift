package import Domain
package import Postgres

extension Sessions {
    /// What a refresh token came to.
    package enum Refresh: Sendable, Equatable {
        /// The token of this generation is to be handed out: a new one, or again the one its holder did not get.
        case granted(generation: Int)
        /// It was replaced longer ago than the grace period: two hold it. The session has just been revoked.
        case reused
        /// The session was revoked, or is over.
        case ended
        case unknown
    }

    static let generation = Statement(
        "sessions.generation",
        """
        SELECT generation, rotated_at > now() - make_interval(secs => $3::float8),
               revoked_at IS NULL AND expires_at > now()
        FROM sessions WHERE id = $1 AND user_id = $2
        """)

    /// Only one of many that present the newest token at once moves the session on.
    static let rotate = Statement(
        "sessions.rotate",
        """
        UPDATE sessions SET generation = generation + 1, rotated_at = now(), last_used_at = now()
        WHERE id = $1 AND user_id = $2 AND generation = $3::int4 AND revoked_at IS NULL AND expires_at > now()
        """)

    /// Takes a refresh token's generation.
    ///
    /// The newest one is replaced by the next. The one before it still gets the newest within the grace period, so that
    /// a client that did not save an answer, and one that asked many times at once, stay signed in. Whoever comes with
    /// an older one has a copy: then nobody can tell who is who, and the session ends.
    /// - Parameter graceSeconds: how long after its replacement a token is still taken.
    package func refresh(
        _ session: SessionID, of user: UserID, generation presented: Int, graceSeconds: Int,
        in transaction: PostgresTransaction
    ) async throws -> Refresh {
        // A second look is needed only when another request rotates in between; that happens once for a generation.
        for _ in 0..<2 {
            let parameters: [PostgresValue] = [.uuid(session.uuid), .uuid(user.uuid), .double(Double(graceSeconds))]
            guard let row = try await transaction.query(Self.generation, parameters).first else { return .unknown }
            let newest = try row.int(0)
            guard try row.bool(2) else { return .ended }
            guard presented <= newest else { return .unknown }
            if presented == newest - 1, try row.bool(1) { return .granted(generation: newest) }
            guard presented == newest else {
                _ = try await revoke(session, of: user, because: .reuse, in: transaction)
                return .reused
            }
            let rotated = try await transaction.execute(
                Self.rotate, [.uuid(session.uuid), .uuid(user.uuid), .int32(Int32(clamping: presented))])
            if rotated > 0 { return .granted(generation: presented + 1) }
        }
        return .ended
    }
}
