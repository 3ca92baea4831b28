import Foundation
import Mail
import TestSupport
import Testing

/// Deliveries that go well, and logins and encryption that do not.
@Suite(.serialized, .enabled(if: SMTPSink.python != nil), .timeLimit(.minutes(2))) struct SMTPTests {
    @Test func `a mail goes from its sender to its recipient`() async throws {
        try await SMTPSink.with { sink in
            try await sink.transport("/client.example.org").send(try letter(to: "ann"))
            let mail = try #require(try await sink.mail(to: "ann@example.com"))
            #expect(mail.sender == "errand@example.org")
            #expect(mail.login == nil && !mail.tls)
            #expect(await sink.waitFor(#""host": "client.example.org""#))
            #expect(await sink.waitFor(#""event": "quit""#))
        }
    }

    @Test func `user and password of the URL log in`() async throws {
        try await SMTPSink.with(["--login=ann@x:pass/%"]) { sink in
            try await sink.transport(user: "ann%40x:pass%2F%25@").send(try letter(to: "ann"))
            #expect(try await sink.mail(to: "ann@example.com")?.login == "ann@x")
        }
    }

    @Test func `a wrong password is refused, and is in no message`() async throws {
        try await SMTPSink.with(["--login=ann:right"]) { sink in
            let transport = try sink.transport(user: "ann:secret-wrong@")
            let error = await failure { try await transport.send(try letter(to: "ann")) }
            guard case .loginRefused(let reply?, host: "127.0.0.1") = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reply.code == 535 && reply.enhanced == "5.7.8")
            #expect(!"\(String(reflecting: error)) \(String(reflecting: transport.server))".contains("secret"))
            var dumped = ""
            dump(transport.server, to: &dumped)
            #expect(!dumped.contains("secret") && !"\(transport.server)".contains("ann"))
        }
    }

    @Test func `a server that wants a login gets no mail without one`() async throws {
        try await SMTPSink.with(["--login=ann:right"]) { sink in
            let error = await failure { try await sink.transport().send(try letter(to: "ann")) }
            guard case .refused(let reply, .sender, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reply.code == 530)
        }
    }

    @Test func `STARTTLS encrypts, and a stranger's certificate does not pass`() async throws {
        let certificate = try TestCertificate()
        try await SMTPSink.with(["--certificate=\(certificate.path)"]) { sink in
            let trusting = try sink.transport("?tls=required", caBundle: certificate.path)
            try await trusting.send(try letter(to: "ann"))
            #expect(try await sink.mail(to: "ann@example.com")?.tls == true)
            let wary = try sink.transport("?tls=required")
            let error = await failure { try await wary.send(try letter(to: "bob")) }
            guard case .tls = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(sink.count("message") == 1)
        }
    }

    @Test func `nothing is sent in clear where encryption is required`() async throws {
        try await SMTPSink.with(["--login=ann:right"]) { sink in
            let transport = try sink.transport("?tls=required", user: "ann:right@")
            let error = await failure { try await transport.send(try letter(to: "ann")) }
            guard case .tls = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(sink.count("login") == 0 && sink.count("\"mail\"") == 0)
        }
    }

    @Test func `smtps speaks TLS from the first byte on`() async throws {
        let certificate = try TestCertificate()
        try await SMTPSink.with(["--certificate=\(certificate.path)", "--implicit-tls"]) { sink in
            try await sink.transport(caBundle: certificate.path, scheme: "smtps").send(try letter(to: "ann"))
            #expect(try await sink.mail(to: "ann@example.com") != nil)
        }
    }

    @Test func `many mails share few connections`() async throws {
        try await SMTPSink.with { sink in
            var limits = SMTPLimits()
            limits.maxConnections = 3
            let transport = try sink.transport(limits: limits)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask { try await transport.send(try letter(to: "n\(number)", id: "id-\(number)")) }
                }
                try await group.waitForAll()
            }
            #expect(sink.count(#""event": "message""#) == 60)
            #expect((1...10).contains(sink.count(#""event": "connection""#)), "\(sink.count("connection"))")
        }
    }

    @Test func `what waits is bounded, and what was cancelled makes room`() async throws {
        try await SMTPSink.with { sink in
            var limits = SMTPLimits()
            (limits.maxConnections, limits.maxWaiting) = (1, 1)
            let transport = try sink.transport(limits: limits)
            let stuck = Task { try await transport.send(try letter(to: "mute")) }
            #expect(await sink.waitFor("\"message\""))
            let waiting = Task { try await transport.send(try letter(to: "never")) }
            var refused: SMTPError?
            while refused == nil {
                // Until `waiting` is in the queue, this one takes its place there, and is taken back.
                refused = await failure {
                    try await Self.cancelledAfter(.milliseconds(20)) { try await transport.send(letter(to: "third")) }
                }
                if refused == .cancelled { refused = nil }
            }
            #expect(refused == .overloaded)
            waiting.cancel()
            #expect(await failure { try await waiting.value } == .cancelled)
            stuck.cancel()
            #expect(await failure { try await stuck.value } == .cancelled)
            try await transport.send(try letter(to: "last"))
            #expect(try await sink.mail(to: "last@example.com") != nil)
            #expect(sink.count("never@example.com") == 0)
        }
    }

    private static func cancelledAfter(
        _ delay: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let task = Task { try await body() }
        let timer = Task {
            try await Task.sleep(for: delay)
            task.cancel()
        }
        defer { timer.cancel() }
        try await task.value
    }

    @Test func `a cancelled delivery ends soon, also while the last answer is awaited`() async throws {
        try await SMTPSink.with { sink in
            let transport = try sink.transport()
            let task = Task { try await transport.send(try letter(to: "mute")) }
            #expect(await sink.waitFor("\"message\""))
            let clock = ContinuousClock.now
            task.cancel()
            #expect(await failure { try await task.value } == .cancelled)
            #expect(.now - clock < .seconds(5))
        }
    }

    @Test func `a task that is cancelled before sends nothing`() async throws {
        try await SMTPSink.with { sink in
            let transport = try sink.transport()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await transport.send(try letter(to: "ann"))
            }
            #expect(await failure { try await task.value } == .cancelled)
            #expect(sink.count("connection") == 0)
        }
    }
}

/// A key and a certificate for 127.0.0.1 in one file, its own authority.
final class TestCertificate: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "smtp-\(UUID().uuidString).pem").path()
        let maker = Process()
        maker.executableURL = URL(filePath: "/usr/bin/env")
        maker.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", path + ".crt",
        ]
        maker.standardError = FileHandle.nullDevice
        try maker.run()
        maker.waitUntilExit()
        let both = try Data(contentsOf: URL(filePath: path)) + Data(contentsOf: URL(filePath: path + ".crt"))
        try both.write(to: URL(filePath: path))
        try FileManager.default.removeItem(atPath: path + ".crt")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
