import Domain
import Store

/// API keys as operators see them.
enum KeyLines {
    static func table(_ keys: [APIKeys.Key]) -> String {
        var table = TextTable([
            ("KEY", .left), ("BEGINS", .left), ("NAME", .left), ("TENANT", .left), ("CREATED", .left), ("ENDS", .left),
            ("USED", .right), ("SCOPES", .left),
        ])
        for key in keys {
            table.add([
                key.id.description, key.prefix, key.name,
                key.tenant == .operators ? "operators" : key.tenant.description, Words.time(key.createdAt),
                Words.time(key.expiresAt), Words.ago(key.lastUsedAt), key.scopes.joined(separator: ","),
            ])
        }
        return table.text
    }

    /// - Parameter secret: the key itself, for the one time it is shown.
    static func write(_ key: APIKeys.Key, secret: String? = nil, to writer: inout JSONWriter) {
        writer.object { object in
            object.field("id", key.id.description)
            if let secret { object.field("key", secret) }
            object.field("tenant", key.tenant.description)
            object.field("name", key.name)
            object.field("prefix", key.prefix)
            object.key("scopes")
            object.array { array in for scope in key.scopes { array.string(scope) } }
            object.field("created_by", key.createdBy?.description)
            object.field("created_at", key.createdAt)
            object.field("expires_at", key.expiresAt)
            object.field("last_used_at", key.lastUsedAt)
        }
    }
}
