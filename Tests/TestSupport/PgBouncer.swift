import Foundation

/// A PgBouncer in transaction mode in front of the tests' PostgreSQL, for one schema.
package final class PgBouncer: Sendable {
    private let folder: URL
    private let file: URL
    package let port: Int

    /// - Parameters:
    ///   - server: a libpq URL with host, port, database and a superuser that needs no password.
    ///   - schema: where every session starts.
    package init(server: String, schema: String) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("errand-bouncer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        port = try FreePort.choose()
        file = folder.appendingPathComponent("pgbouncer.ini")
        guard let parts = URLComponents(string: server), let host = parts.host else { throw Unusable() }
        let name = parts.path.dropFirst()
        let settings = """
            [databases]
            errand = host=\(host) port=\(parts.port ?? 5432) dbname=\(name) connect_query='SET search_path TO \(schema)'
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = trust
            auth_file = \(folder.path)/users
            pool_mode = transaction
            max_client_conn = 500
            default_pool_size = 6
            """
        let users = ["errand_gateway", "errand_worker"].map { "\"\($0)\" \"\"" }.joined(separator: "\n") + "\n"
        // PgBouncer does not run as root, and must be able to read these as whom it becomes.
        try Data(users.utf8).write(to: folder.appendingPathComponent("users"))
        try Data((settings + "\n").utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    }

    package struct Unusable: Error {}

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The URL for a role.
    package func url(as role: String) -> String { "postgresql://\(role)@127.0.0.1:\(port)/errand" }

    /// Returns when it takes connections.
    package func start() throws -> ServerProcess {
        let options = getuid() == 0 ? ["-u", "nobody"] : []
        let server = try ServerProcess(
            "pgbouncer", options + [file.path], at: URL(fileURLWithPath: "/usr/sbin/pgbouncer"))
        try FreePort.awaitListener(port)
        return server
    }
}
