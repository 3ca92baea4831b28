import Domain
import Foundation
import Postgres
import TestSupport
import Testing

/// Mail from the job to the server that takes it, through a worker that is a process of its own.
@Suite(.serialized, .enabled(if: SMTPSink.python != nil), .timeLimit(.minutes(4))) struct MailJobTests {
    private static let secret = "a-secret-of-these-tests-0123456789"

    private static func smtp(_ sink: SMTPSink) -> [String: String] {
        [
            "SMTP_URL": "smtp://127.0.0.1:\(sink.port)", "MAIL_FROM": "Errand <errand@example.org>",
            "PUBLIC_URL": "https://errand.example.org/", "AUTH_SECRET": secret, "WORKER_DEAD_AFTER_SECONDS": "2",
        ]
    }

    @Test func `a mail is sent, and its secret is nowhere but in it`() async throws {
        try await SMTPSink.with { sink in
            try await TestSystem.with { system in
                let operators = try await system.startOperatorsGateway()
                let worker = try await system.startWorker(queues: "mail", Self.smtp(sink))
                let job = try await system.inviteToChoosePassword("ann@example.com")
                let mail = try #require(try await sink.mail(to: "ann@example.com"))
                let ended = try await operators.mailJob(job)
                #expect(ended.state == .succeeded && ended.result?.sent == true)
                #expect(mail.headers["message-id"] == ["<\(job)@example.org>"])
                #expect(ended.result?.message_id == "<\(job)@example.org>")
                #expect(mail.from_name == "Errand" && mail.to_name.isEmpty && mail.defects == [])
                let link = try #require(mail.text?.firstMatch(of: /https:\S+/)?.0)
                #expect(link.hasPrefix("https://errand.example.org/#reset=ept_"))
                #expect(mail.html?.contains(link) == true)
                #expect(try await system.count("SELECT count(*) FROM jobs WHERE jobs::text LIKE '%ept_%'") == 0)
                #expect(!worker.lines.contains { $0.contains("ept_") || $0.contains("ann@") })
            }
        }
    }

    @Test func `a refusal for now is tried again, one for good is not`() async throws {
        try await SMTPSink.with { sink in
            try await TestSystem.with { system in
                let operators = try await system.startOperatorsGateway()
                _ = try await system.startWorker(queues: "mail", Self.smtp(sink))
                let later = try await system.inviteToChoosePassword("once-451@example.com")
                let never = try await system.inviteToChoosePassword("rcpt-550@example.com")
                let full = try await system.inviteToChoosePassword("rcpt-552-5.2.2@example.com")
                let refused = try await system.inviteToChoosePassword("data-554@example.com")
                let retried = try await operators.mailJob(later)
                #expect(retried.state == .succeeded && retried.attempt == 2)
                for (job, code) in [(never, "mailbox_missing"), (full, "mailbox_full"), (refused, "mail_refused")] {
                    let failed = try await operators.mailJob(job)
                    #expect(failed.state == .failed && failed.attempt == 1)
                    #expect(failed.failure?.code == code)
                    #expect(failed.failure?.message.contains("@") == false)
                }
            }
        }
    }

    @Test func `a mail whose answer was lost is sent again as the same mail`() async throws {
        try await SMTPSink.with { sink in
            try await TestSystem.with { system in
                let operators = try await system.startOperatorsGateway()
                _ = try await system.startWorker(queues: "mail", Self.smtp(sink))
                let job = try await system.inviteToChoosePassword("once-lost@example.com")
                #expect(try await operators.mailJob(job).state == .succeeded)
                let mails = try sink.mails(to: "once-lost@example.com")
                #expect(mails.count == 2)
                #expect(Set(mails.map { $0.headers["message-id"] }).count == 1)
            }
        }
    }

    @Test func `a worker that is killed while it sends loses no mail`() async throws {
        try await SMTPSink.with { sink in
            try await TestSystem.with { system in
                let operators = try await system.startOperatorsGateway()
                let first = try await system.startWorker(queues: "mail", Self.smtp(sink))
                let job = try await system.inviteToChoosePassword("once-mute@example.com")
                #expect(try await sink.mail(to: "once-mute@example.com") != nil)
                await first.killNow()
                _ = try await system.startWorker(queues: "mail", Self.smtp(sink))
                let ended = try await operators.mailJob(job)
                #expect(ended.state == .succeeded && ended.attempt == 2)
                let mails = try sink.mails(to: "once-mute@example.com")
                #expect(mails.count == 2)
                #expect(Set(mails.map { $0.headers["message-id"] }).count == 1)
            }
        }
    }

    @Test func `a worker that was not told how sends nothing and says so`() async throws {
        try await TestSystem.with { system in
            let operators = try await system.startOperatorsGateway()
            _ = try await system.startWorker(queues: "mail")
            let job = try await system.inviteToChoosePassword("ann@example.com")
            let failed = try await operators.mailJob(job)
            #expect(failed.state == .failed && failed.failure?.code == "mail_off")
        }
    }

    @Test func `a worker refuses settings it cannot use, and repeats none`() async throws {
        try await TestSystem.with { system in
            let wrong = [
                ["SMTP_URL": "smtp://u:hush-hush@host?tls=maybe", "MAIL_FROM": "a@b", "PUBLIC_URL": "https://x.org"],
                ["SMTP_URL": "smtp://127.0.0.1"], ["MAIL_DIRECTORY": "/tmp/x", "SMTP_URL": "smtp://127.0.0.1"],
                ["MAIL_DIRECTORY": "/tmp/x", "AUTH_SECRET": "hush-hush"],
                ["MAIL_DIRECTORY": "/tmp/x", "AUTH_SECRET": Self.secret, "MAIL_FROM": "nobody"],
                ["MAIL_DIRECTORY": "/tmp/x", "AUTH_SECRET": Self.secret, "PUBLIC_URL": "ftp://x"],
            ]
            for settings in wrong {
                let worker = try ServerProcess(
                    "worker", ["run", "--queues", "mail"],
                    environment: settings.merging(["DATABASE_URL": system.stores.databaseURL(as: "errand_worker")]) {
                        $1
                    })
                #expect(await worker.exit() == 78, "\(settings.keys.sorted()): \(worker.lines)")
                #expect(!worker.lines.joined().contains("hush-hush"))
            }
        }
    }
}

extension TestSystem {
    private static let serviceKey = "service-key-0123456789"

    /// A gateway and the operators' client of it.
    func startOperatorsGateway(_ settings: [String: String] = [:]) async throws -> APIClient {
        let client = try await startGateway(settings.merging(["SERVICE_KEYS": Self.serviceKey]) { $1 }).client
        return APIClient(transport: client.transport, base: client.base, key: Self.serviceKey)
    }

    /// Opens an account by the operator's command.
    /// - Returns: the job of the mail with the link to choose a password.
    func inviteToChoosePassword(_ email: String) async throws -> JobID {
        let made = try await operate("users", "create", email, "--mail-link")
        guard made.status == 0 else { throw MailNotQueued(output: made.output) }
        return try await newestMailJob()
    }

    private struct MailNotQueued: Error { let output: String }

    func newestMailJob() async throws -> JobID {
        let statement = Statement(
            "test.mail_job", "SELECT id FROM jobs WHERE kind = 'mail.send' ORDER BY id DESC LIMIT 1")
        return JobID(try await owner.query(statement)[0].uuid(0))
    }
}

/// A job that sends mail, as the API shows it.
struct MailJobView: Decodable {
    struct Result: Decodable {
        var sent: Bool
        var message_id: String?
    }
    struct Failure: Decodable { var code, message: String }

    var state: JobState
    var attempt: Int
    var result: Result?
    var failure: Failure?
}

extension APIClient {
    /// The job when it has ended.
    func mailJob(_ id: JobID) async throws -> MailJobView {
        _ = try await end(of: id)
        return try await send("GET", "/api/v1/jobs/\(id)").decode()
    }
}
