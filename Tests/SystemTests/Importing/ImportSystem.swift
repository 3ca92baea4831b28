import Domain
import Foundation
import Postgres
import Store
import TestSupport
import Testing
import Vault

/// The operator's import, as a program, over a schema of its own.
struct ImportSystem: Sendable {
    let system: TestSystem
    let pool: PostgresPool
    let folder: URL

    static func with(_ body: @Sendable (ImportSystem) async throws -> Void) async throws {
        try await TestSystem.with { system in
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("import-\(JobID.make())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await system.stores.withPool(as: "errand_worker") { pool in
                let importing = ImportSystem(system: system, pool: pool, folder: folder)
                #expect(try await system.operate("master-keys", "new", importing.masterKeys).output == "k1")
                try await body(importing)
            }
        }
    }

    private var masterKeys: String { folder.appendingPathComponent("master").path }

    func write(_ name: String, _ text: String) throws -> String {
        let url = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    /// Imports these lines.
    func take(
        _ lines: [String], _ options: [String] = ["--plain"]
    ) async throws -> (status: Int32, output: String) {
        let file = try write("lines.jsonl", lines.joined(separator: "\n") + "\n")
        return try await system.operate(
            ["connections", "import", file] + options, input: nil, ["MASTER_KEYS_FILE": masterKeys])
    }

    func connections() async throws -> Connections {
        let keys = try await MasterKeys.read(path: masterKeys)
        return Connections(pool: pool, vault: TokenVault(pool: pool, wrapping: LocalKeyWrapping(keys)))
    }

    /// What a workspace has, tokens included.
    func opened(_ tenant: TenantID) async throws -> [Connections.Opened] {
        let connections = try await connections()
        var opened: [Connections.Opened] = []
        for connection in try await connections.list(of: tenant) {
            opened.append(try await connections.open(connection.id, tenant: tenant))
        }
        return opened
    }

    func only(_ tenant: TenantID) async throws -> Connections.Opened {
        let all = try await opened(tenant)
        try #require(all.count == 1)
        return all[0]
    }

    /// - Parameter more: members that replace those of before; `nil` takes one away.
    static func line(_ tenant: TenantID, _ more: [String: String?] = [:]) -> String {
        var members: [String: String?] = [
            "tenant": #""\#(tenant)""#, "provider": #""google""#, "account_id": #""1087""#,
            "account_name": #""ada@example.com""#, "scopes": #"["openid","email"]"#,
            "access_token": #""ya29.plain-access""#, "refresh_token": #""1//plain-refresh""#,
            "expires_at": #""\#(Self.time(3_600))""#,
        ]
        members.merge(more) { $1 }
        let texts = members.compactMap { name, value in value.map { #""\#(name)":\#($0)"# } }
        return "{" + texts.sorted().joined(separator: ",") + "}"
    }

    /// So many seconds from now.
    static func time(_ seconds: Double) -> String {
        Date(timeIntervalSinceNow: seconds).formatted(Date.ISO8601FormatStyle())
    }
}
