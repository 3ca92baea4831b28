package import Domain
package import Postgres

/// What a signed-in person may do at this moment: what has to be asked anew while a token lives.
package struct Standing: Sendable, Equatable {
    /// The account may be used, and the session, if one was asked about, has not ended.
    package var isGood: Bool
    package var isVerified: Bool
    package var isSuperuser: Bool
    /// Companies that exist, by the person's role in them.
    package var roles: [CompanyID: Role]

    static let find = Statement(
        "users.standing",
        """
        SELECT usr.is_active AND usr.deleted_at IS NULL
                   AND ($2::uuid IS NULL OR EXISTS (
                       SELECT FROM sessions AS session
                       WHERE session.id = $2 AND session.user_id = usr.id
                         AND session.revoked_at IS NULL AND session.expires_at > now())),
               usr.is_verified, usr.is_superuser,
               ARRAY(SELECT member.company_id FROM memberships AS member
                     JOIN companies AS company ON company.id = member.company_id AND company.deleted_at IS NULL
                     WHERE member.user_id = usr.id ORDER BY member.company_id),
               ARRAY(SELECT member.role FROM memberships AS member
                     JOIN companies AS company ON company.id = member.company_id AND company.deleted_at IS NULL
                     WHERE member.user_id = usr.id ORDER BY member.company_id)
        FROM users AS usr WHERE usr.id = $1
        """)

    /// - Parameter session: `nil`: signed in elsewhere.
    /// - Returns: `nil` when there is no such account.
    /// - Throws: `PostgresError`.
    package static func find(
        _ user: UserID, session: SessionID?, in pool: PostgresPool
    ) async throws -> Standing? {
        let rows = try await pool.query(
            find, [.uuid(user.uuid), .optional(session?.uuid, PostgresValue.uuid)], settings: RowAccess.user(user))
        guard let row = rows.first else { return nil }
        let roles = try zip(row.uuids(3), row.texts(4)).compactMap { id, name in
            Role(rawValue: name).map { (CompanyID(id), $0) }
        }
        return Standing(
            isGood: try row.bool(0), isVerified: try row.bool(1), isSuperuser: try row.bool(2),
            roles: Dictionary(roles) { first, _ in first })
    }
}
