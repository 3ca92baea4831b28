package import Domain
package import FoundationEssentials
import Postgres

/// One sign-in, as its owner sees it.
package struct Session: Sendable, Equatable {
    package var id: SessionID
    package var user: UserID
    package var createdAt: Date
    package var lastUsedAt: Date
    package var expiresAt: Date
    package var userAgent: String
    package var address: String

    static let columns = "id, user_id, created_at, last_used_at, expires_at, user_agent, address"

    init(_ row: PostgresRow) throws {
        id = SessionID(try row.uuid(0))
        user = UserID(try row.uuid(1))
        createdAt = try row.timestamp(2)
        lastUsedAt = try row.timestamp(3)
        expiresAt = try row.timestamp(4)
        userAgent = try row.text(5)
        address = try row.text(6)
    }

    /// Why a session ended before its time.
    package enum Revocation: String, Sendable {
        case logout, revoked, reuse
        case operators = "operator"
        case passwordChanged = "password_changed"
        case accountDeleted = "account_deleted"
    }
}
