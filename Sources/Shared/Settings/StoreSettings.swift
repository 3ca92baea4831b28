package import Logging

/// What every process of Errand needs to know: where the stores are, and how much to say.
package struct StoreSettings: Sendable {
    package var databaseURL: String
    package var databasePoolSize: Int
    /// False behind PgBouncer in transaction mode.
    package var databasePreparedStatements: Bool
    package var redisURL: String
    /// Before every key and channel: several installations can share a Redis.
    package var redisPrefix: String

    /// - Parameter role: the database role this process is meant to have, for the hint.
    package init(from reader: inout SettingsReader, role: String) {
        let example = "a PostgreSQL URL such as postgresql://\(role)@localhost/errand"
        databaseURL = reader.requiredText("database.url", hint: "give \(example)")
        let isURL = databaseURL.hasPrefix("postgresql://") || databaseURL.hasPrefix("postgres://")
        if !databaseURL.isEmpty, !isURL, !databaseURL.contains("=") {
            reader.report("database.url", "must be \(example)")
        }
        databasePoolSize = reader.int("database.pool.size", default: 8, in: 1...200)
        databasePreparedStatements = reader.bool("database.prepared.statements", default: true)
        redisURL = reader.text("redis.url", default: "redis://127.0.0.1:6379/0")
        redisPrefix = reader.text("redis.prefix", default: "errand")
        let isPlain = redisPrefix.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
                || byte == 45
        }
        if !isPlain || redisPrefix.utf8.count > 64 {
            reader.report("redis.prefix", "must be 1 to 64 letters, digits, _ or -")
        }
    }

    /// The level named by LOG_LEVEL.
    package static func logLevel(from reader: inout SettingsReader) -> Logger.Level {
        guard let name = reader.optionalText("log.level") else { return .info }
        guard let level = Logger.Level(rawValue: name.lowercased()) else {
            let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            reader.report("log.level", "must be one of \(names)")
            return .info
        }
        return level
    }
}
