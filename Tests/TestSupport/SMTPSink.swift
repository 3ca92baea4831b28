import Foundation
import Synchronization

/// A mail server as a process of its own, by Python's aiosmtpd: see smtp_sink.py for what it can be asked to do.
package final class SMTPSink: Sendable {
    package let port: Int
    private let process: ServerProcess

    package struct NotStarted: Error, CustomStringConvertible {
        package let description: String
    }

    /// A mail as the server took it and as Python's email package reads it.
    package struct Mail: Decodable, Sendable {
        package var sender, to: String
        package var tls: Bool
        package var login: String?
        package var headers: [String: [String]]
        package var from_name, from_address, to_name, to_address: String
        /// Seconds since 1970.
        package var date: Double
        package var type: String
        package var text, html: String?
        package var encodings: [String]
        package var defects: [String]
        package var longest_line, bare_line_ends, header_lines: Int
        package var is_7_bit: Bool
    }

    /// A Python that has aiosmtpd: MAIL_PYTHON, which deploy/test sets, or a python3 of PATH. `nil`: there is none, and
    /// the tests that need it do not run. Where MAIL_PYTHON is set, it is taken at its word.
    package static let python: String? = {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["MAIL_PYTHON"], !named.isEmpty { return named }
        let folders = environment["PATH"].map { $0.split(separator: ":").map { "\($0)/python3" } } ?? []
        return folders.prefix(8).first { path in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = ["-c", "import aiosmtpd"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
    }()

    package init(_ arguments: [String] = []) async throws {
        guard let python = Self.python else { throw NotStarted(description: "no Python with aiosmtpd") }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("smtp_sink.py")
        process = try ServerProcess("smtp_sink", [script.path] + arguments, at: URL(fileURLWithPath: python))
        struct Ready: Decodable { var port: Int }
        guard let line = await process.line({ $0.hasPrefix("{\"port\"") }),
            let ready = try? JSONDecoder().decode(Ready.self, from: Data(line.utf8))
        else { throw NotStarted(description: process.lines.suffix(5).joined(separator: "\n")) }
        port = ready.port
    }

    /// A server for the time of a body.
    package static func with(
        _ arguments: [String] = [], _ body: @Sendable (SMTPSink) async throws -> Void
    ) async throws {
        let sink = try await SMTPSink(arguments)
        let result: Result<Void, any Error>
        do { result = .success(try await body(sink)) } catch { result = .failure(error) }
        await sink.process.killNow()
        try result.get()
    }

    /// The first mail to this address, come or to come. `nil` when the server ends before.
    package func mail(to address: String) async throws -> Mail? {
        guard let line = await process.line({ Self.isMail($0, to: address) }) else { return nil }
        return try JSONDecoder().decode(Mail.self, from: Data(line.utf8))
    }

    /// All mails to this address so far.
    package func mails(to address: String) throws -> [Mail] {
        try process.lines.filter { Self.isMail($0, to: address) }
            .map { try JSONDecoder().decode(Mail.self, from: Data($0.utf8)) }
    }

    /// The first mails to this address, come or to come; fewer when the server ends before.
    package func mails(to address: String, count: Int) async throws -> [Mail] {
        let seen = Seen()
        _ = await process.line { Self.isMail($0, to: address) && seen.isAnother(count) }
        return try mails(to: address)
    }

    private final class Seen: Sendable {
        private let mails = Mutex(0)

        /// Counts one; whether it is the n-th.
        func isAnother(_ number: Int) -> Bool {
            mails.withLock { mails in
                mails += 1
                return mails == number
            }
        }
    }

    private static func isMail(_ line: String, to address: String) -> Bool {
        line.contains("\"event\": \"message\"") && line.contains("\"to\": \"\(address)\"")
    }

    /// Returns when the server has reported this, a part of a line of JSON.
    package func waitFor(_ event: String) async -> Bool { await process.line { $0.contains(event) } != nil }

    package func count(_ event: String) -> Int { process.lines.count { $0.contains(event) } }

    package func stop() async { await process.killNow() }

    /// What it has printed, for the message of a test that fails.
    package var transcript: String { process.lines.joined(separator: "\n") }
}
