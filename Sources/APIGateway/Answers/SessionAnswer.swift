import Domain
import Store

/// A sign-in as its owner sees it.
struct SessionAnswer {
    let session: Session
    /// The one the request came with.
    let isCurrent: Bool

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.field("id", session.id.description)
            object.field("created_at", session.createdAt)
            object.field("last_used_at", session.lastUsedAt)
            object.field("expires_at", session.expiresAt)
            object.field("user_agent", session.userAgent)
            object.field("address", session.address)
            object.field("is_current", isCurrent)
        }
    }
}
