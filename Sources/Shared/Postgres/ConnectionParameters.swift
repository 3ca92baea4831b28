import CLibPQ
import Glibc

/// libpq's keywords and values for one server: the URL's, completed by the configuration's.
/// Source: https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS
struct ConnectionParameters: Sendable {
    private let keywords: [(String, String)]

    /// Throws `connect` when the URL cannot be parsed; the text does not repeat it, since it may hold a password.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        guard let options = PQconninfoParse(configuration.url, nil) else {
            throw .connect("the database URL cannot be parsed")
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        for (keyword, value) in Self.defaults(configuration) where values[keyword] == nil { values[keyword] = value }
        values["client_encoding"] = "UTF8"
        if configuration.preparedStatements {
            values["options"] = Self.serverOptions(configuration) + (values["options"].map { " " + $0 } ?? "")
        }
        keywords = values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The host or socket folder, for logs.
    var host: String { keywords.first { $0.0 == "host" }?.1 ?? "local socket" }

    /// Starts to connect without waiting; NULL when libpq is out of memory.
    func start() -> OpaquePointer? {
        let names = keywords.map { strdup($0.0) }
        let values = keywords.map { strdup($0.1) }
        defer { for text in names + values { free(text) } }
        let nameList = names.map { UnsafePointer($0) } + [nil]
        let valueList = values.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(nameList, valueList, 0)
    }

    private static func defaults(_ configuration: PostgresConfiguration) -> [(String, String)] {
        [
            ("application_name", configuration.applicationName),
            ("keepalives", "1"),
            ("keepalives_idle", "\(max(1, configuration.keepaliveIdle.milliseconds / 1000))"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", "\(configuration.tcpUserTimeout.milliseconds)"),
        ]
    }

    /// Backstops for a client that died: this process stops its statements earlier by itself. PgBouncer refuses such
    /// options, hence not with `preparedStatements: false`.
    private static func serverOptions(_ configuration: PostgresConfiguration) -> String {
        let statement = (configuration.statementTimeout + configuration.cancelTimeout).milliseconds
        let limit = Int(Int32.max)
        return "-c statement_timeout=\(min(statement, limit))"
            + " -c idle_in_transaction_session_timeout=\(min(2 * statement, limit))"
    }
}
