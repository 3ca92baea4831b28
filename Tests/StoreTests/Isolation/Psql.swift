import Foundation
import Postgres
import TestSupport

/// PostgreSQL's own client, as the gateway's role.
enum Psql {
    /// What was printed, and what was complained about.
    static func run(
        _ sql: String, _ settings: [PostgresSetting], _ stores: TestStores
    ) async throws -> (rows: [String], errors: String) {
        var arguments = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
        arguments += ["--dbname", stores.databaseURL(as: "errand_gateway")]
        for setting in settings { arguments += ["--command", "SET \(setting.name) = '\(setting.value)'"] }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments + ["--command", sql]
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // Both are short: neither can fill its pipe while the other is read.
        let rows = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        let complaints = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (rows.split(separator: "\n").map(String.init), complaints)
    }
}
