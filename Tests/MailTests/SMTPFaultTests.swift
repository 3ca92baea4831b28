import Foundation
import TestSupport
import Testing

@testable import Mail

/// A server that refuses, hangs up or says nothing, at every stage.
@Suite(.serialized, .enabled(if: SMTPSink.python != nil), .timeLimit(.minutes(2))) struct SMTPFaultTests {
    static let refusals: [(to: String, stage: SMTPStage, reply: String)] = [
        ("rcpt-550", .recipient, "550 5.1.1"), ("rcpt-450-4.2.1", .recipient, "450 4.2.1"),
        ("rcpt-451-4.7.1", .recipient, "451 4.7.1"), ("rcpt-421-4.3.2", .recipient, "421 4.3.2"),
        ("rcpt-552-5.2.2", .recipient, "552 5.2.2"), ("rcpt-452-4.2.2", .recipient, "452 4.2.2"),
        ("bare-550", .recipient, "550"), ("data-451", .end, "451 4.7.0"), ("data-552", .end, "552 5.7.0"),
        ("data-554", .end, "554 5.7.0"), ("data-421", .end, "421 4.7.0"),
    ]

    @Test(arguments: refusals) func `a refusal says where and by which numbers`(
        _ refusal: (to: String, stage: SMTPStage, reply: String)
    ) async throws {
        try await SMTPSink.with { sink in
            let error = await failure { try await sink.transport().send(try letter(to: refusal.to)) }
            guard case .refused(let reply, let stage, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect("\(reply)" == refusal.reply && stage == refusal.stage)
            #expect(!"\(String(reflecting: error))".contains("@"), "an address got into the text")
        }
    }

    @Test func `after a refusal the next mail goes through`() async throws {
        try await SMTPSink.with { sink in
            let transport = try sink.transport()
            #expect(await failure { try await transport.send(try letter(to: "once-451")) } != nil)
            try await transport.send(try letter(to: "once-451"))
            #expect(try await sink.mail(to: "once-451@example.com") != nil)
        }
    }

    @Test(arguments: ["421 4.3.2 shutting down", "554 5.3.2 not here"])
    func `a server that sends us away at the door is heard`(_ greeting: String) async throws {
        try await SMTPSink.with(["--greeting=\(greeting)"]) { sink in
            let error = await failure { try await sink.transport().send(try letter(to: "ann")) }
            guard case .refused(let reply, .greeting, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(greeting.hasPrefix("\(reply)"))
        }
    }

    @Test func `421 to the hello is heard`() async throws {
        try await SMTPSink.with(["--hello=421 4.7.0 too busy"]) { sink in
            let error = await failure { try await sink.transport().send(try letter(to: "ann")) }
            guard case .refused(let reply, _, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reply.code == 421)
        }
    }

    @Test func `a cut after MAIL leaves nothing sent`() async throws {
        try await SMTPSink.with { sink in
            let error = await failure { try await sink.transport().send(try letter(to: "ann", from: "cut-mail")) }
            guard case .closedEarly(_, at: .sender, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `a cut within the message leaves nothing sent`() async throws {
        try await SMTPSink.with { sink in
            var limits = SMTPLimits()
            limits.maxMessageBytes = 1 << 26
            let text = String(repeating: "a line of the message, and more of it\n", count: 400_000)
            let transport = try sink.transport(limits: limits)
            let error = await failure { try await transport.send(try letter(to: "cut-body", text: text)) }
            guard case .closedEarly(_, at: .message, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(sink.count("\"message\"") == 0)
        }
    }

    @Test func `an answer that is lost is an unknown outcome, and the same mail can go again`() async throws {
        try await SMTPSink.with { sink in
            let error = await failure { try await sink.transport().send(try letter(to: "lost", id: "job-1")) }
            guard case .unknownOutcome? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            _ = await failure { try await sink.transport().send(try letter(to: "lost", id: "job-1")) }
            let mails = try await sink.mails(to: "lost@example.com", count: 2)
            #expect(Set(mails.map { $0.headers["message-id"] }) == [["<job-1@example.org>"]])
        }
    }

    @Test func `an answer that does not come is an unknown outcome at the deadline`() async throws {
        try await SMTPSink.with { sink in
            var limits = SMTPLimits()
            limits.total = .seconds(4)
            let transport = try sink.transport(limits: limits)
            let error = await failure { try await transport.send(try letter(to: "mute")) }
            guard case .unknownOutcome? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `a server that never says a word meets the deadline`() async throws {
        try await SMTPSink.with(["--silent"]) { sink in
            var limits = SMTPLimits()
            limits.connect = .milliseconds(400)
            let clock = ContinuousClock.now
            let transport = try sink.transport(limits: limits)
            let error = await failure { try await transport.send(try letter(to: "ann")) }
            #expect(error == .timeout(at: .connect, host: "127.0.0.1"))
            #expect(.now - clock < .seconds(10))
        }
    }

    @Test func `the time in the queue counts`() async throws {
        try await SMTPSink.with { sink in
            var limits = SMTPLimits()
            (limits.maxConnections, limits.total) = (1, .seconds(4))
            let transport = try sink.transport(limits: limits)
            async let first = failure { try await transport.send(try letter(to: "mute")) }
            #expect(await sink.waitFor("\"message\""))
            let start = ContinuousClock.now
            let second = await failure { try await transport.send(try letter(to: "mute")) }
            // In the queue; or, when the first was given up a moment earlier, while the server was silent.
            switch second {
            case .timeout?, .unknownOutcome?: break
            default: Issue.record("\(String(describing: second))")
            }
            // It waited for the first one to give up, and had no further four seconds after that.
            #expect(.now - start < .seconds(7))
            _ = await first
        }
    }

    @Test func `nobody there is a failure to connect`() async throws {
        let port = try FreePort.choose()
        let transport = SMTPTransport(try SMTPServer(url: "smtp://127.0.0.1:\(port)"), logger: TestStores.silent)
        let error = await failure { try await transport.send(try letter(to: "ann")) }
        #expect(error == .connect(code: 7, host: "127.0.0.1"))
    }

    @Test func `a message over the limit is not sent`() async throws {
        try await SMTPSink.with { sink in
            let text = String(repeating: "long ", count: 300_000)
            let error = await failure { try await sink.transport().send(try letter(to: "ann", text: text)) }
            #expect(error == .messageTooLarge(limitBytes: 1 << 20))
            #expect(sink.count("connection") == 0)
        }
    }
}
