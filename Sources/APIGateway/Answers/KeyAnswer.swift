import Domain
import Store

/// An API key as those see it who may manage keys.
struct KeyAnswer {
    let key: APIKeys.Key
    /// The key itself: only in the answer that makes it.
    var secret: String?

    init(_ key: APIKeys.Key, secret: String? = nil) {
        self.key = key
        self.secret = secret
    }

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.field("id", key.id.description)
            object.field("name", key.name)
            object.field("prefix", key.prefix)
            object.key("scopes")
            object.array { array in for scope in key.scopes { array.string(scope) } }
            object.field("created_at", key.createdAt)
            object.field("expires_at", key.expiresAt)
            object.field("last_used_at", key.lastUsedAt)
            if let secret { object.field("key", secret) }
        }
    }
}
