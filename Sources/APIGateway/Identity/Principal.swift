import Domain
import FoundationEssentials

/// Who asks, in which workspace, and what they may do there. Set by `Authentication`.
struct Principal: Sendable {
    enum Actor: Sendable, Hashable {
        /// A person. Without a session: by a token that another issuer signed.
        case user(UserID, session: SessionID?)
        case key(APIKeyID)
        /// A key of API_KEYS.
        case configuredKey(TenantID)
        /// A key of SERVICE_KEYS.
        case service
    }

    var actor: Actor
    /// The workspace the request acts in: the person's own, or a company's.
    var tenant: TenantID
    var permissions: Permissions
    /// The role in the company it acts in. `nil` in one's own workspace, and for keys.
    var role: Role?
    /// When its credential ends by itself. `nil`: never.
    var expiresAt: Date?
    /// Of an API key.
    var keyDigest: [UInt8]?

    /// As the audit log names it.
    var name: String {
        switch actor {
        case .user(let user, _): "user:\(user)"
        case .key(let key): "key:\(key)"
        case .configuredKey: "key:configured"
        case .service: "service"
        }
    }

    var user: UserID? {
        if case .user(let user, _) = actor { user } else { nil }
    }

    var session: SessionID? {
        if case .user(_, let session) = actor { session } else { nil }
    }
}
