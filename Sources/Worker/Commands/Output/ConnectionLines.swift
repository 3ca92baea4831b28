import Domain
import Store

/// Connections as operators see them.
enum ConnectionLines {
    static func table(_ connections: [Connection]) -> String {
        var table = TextTable([
            ("CONNECTION", .left), ("PROVIDER", .left), ("ACCOUNT", .left), ("STATE", .left), ("REASON", .left),
            ("VERSION", .right), ("EXPIRES", .left), ("RENEWS", .left), ("FAILURES", .right), ("TENANT", .left),
        ])
        for connection in connections {
            table.add([
                connection.id.description, place(connection), connection.accountName, connection.state.rawValue,
                connection.reason?.rawValue ?? "", "\(connection.tokenVersion)", Words.time(connection.expiresAt),
                Words.time(connection.renewAt), "\(connection.failures)", connection.tenant.description,
            ])
        }
        return table.text
    }

    private static func place(_ connection: Connection) -> String {
        connection.provider.rawValue + (connection.host.map { " \($0)" } ?? "")
    }

    static func write(_ connection: Connection, to writer: inout JSONWriter) {
        writer.object { object in
            object.field("id", connection.id.description)
            object.field("tenant", connection.tenant.description)
            object.field("provider", connection.provider.rawValue)
            object.field("host", connection.host)
            object.field("account", connection.accountName)
            object.field("state", connection.state.rawValue)
            object.field("reason", connection.reason?.rawValue)
            object.key("scopes")
            object.array { array in for scope in connection.scopes { array.string(scope) } }
            object.field("token_version", connection.tokenVersion)
            object.field("expires_at", connection.expiresAt)
            object.field("renew_at", connection.renewAt)
            object.field("renewed_at", connection.renewedAt)
            object.field("failures", connection.failures)
            object.field("connected_by", connection.connectedBy?.description)
            object.field("created_at", connection.createdAt)
        }
    }
}
