import Domain
import Foundation
import TestSupport
import Testing
import Vault

/// Invitations and their mails, as those see them who are invited and those who invite.
@Suite(.serialized, .timeLimit(.minutes(4))) struct InvitationTests {
    private struct Made: Decodable { var id: String }
    private struct Listed: Decodable {
        struct Job: Decodable { var id, kind: String }
        var jobs: [Job]
    }
    private struct Preview: Decodable, Equatable {
        struct Company: Decodable, Equatable { var id, name: String }
        struct Inviter: Decodable, Equatable { var name, email: String }

        var company: Company
        var role: String
        var inviter: Inviter?

        private enum CodingKeys: String, CodingKey {
            case company, role
            case inviter = "invited_by"
        }
    }

    /// Somebody's company, with an invitation that waits for an answer.
    private struct Stage: Sendable {
        let accounts: AccountSystem
        let owner: String
        let company: String
        let invitation: String

        var token: String {
            get throws {
                accounts.mailed.invitation(
                    try #require(UUID(uuidString: invitation)), company: try #require(UUID(uuidString: company)))
            }
        }

        func preview(_ token: String) async throws -> APIClient.Answer {
            try await accounts.open("POST", "/invitations/preview", #"{"token":"\#(token)"}"#)
        }
    }

    private static func onStage(
        _ settings: [String: String] = [:], _ body: @Sendable (Stage) async throws -> Void
    ) async throws {
        try await AccountSystem.with(.es256, settings) { accounts in
            let (_, session) = try await accounts.person("ada@example.com")
            let owner = session.access_token
            _ = try await accounts.send("PATCH", "/auth/me", #"{"name":"Ada"}"#, owner)
            let company = try await accounts.send("POST", "/companies", #"{"name":"Engines & Sons"}"#, owner)
                .decode(Made.self).id
            let invited = try await accounts.send(
                "POST", "/companies/\(company)/invitations", #"{"email":"vera@example.com","role":"viewer"}"#, owner)
            try #require(invited.status == 201, "\(invited.text)")
            try await body(
                Stage(
                    accounts: accounts, owner: owner, company: company,
                    invitation: try invited.decode(Made.self).id))
        }
    }

    @Test func `whoever holds the link sees whom they would join, as what, and who invites`() async throws {
        try await Self.onStage { stage in
            let expected = Preview(
                company: .init(id: stage.company, name: "Engines & Sons"), role: "viewer",
                inviter: .init(name: "Ada", email: "ada@example.com"))
            let answer = try await stage.preview(try stage.token)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.decode(Preview.self) == expected)
            #expect(!answer.text.contains("vera@"), "a link that went astray tells nobody's address")
            let (_, guest) = try await stage.accounts.person("vera@example.com")
            let accepted = try await stage.accounts.send(
                "POST", "/invitations/accept", #"{"token":"\#(try stage.token)"}"#, guest.access_token)
            #expect(accepted.status == 200, "\(accepted.text)")
            #expect(try await stage.preview(try stage.token).status == 400, "it was accepted")
        }
    }

    @Test func `what is no open invitation gets one and the same answer`() async throws {
        struct Problem: Decodable, Hashable { var code, detail: String }
        try await Self.onStage { stage in
            let (mailed, token) = (stage.accounts.mailed, try stage.token)
            let (id, company) = (
                try #require(UUID(uuidString: stage.invitation)), try #require(UUID(uuidString: stage.company))
            )
            let forger = MailedTokens(try AuthSecrets("another-secret-0123456789-0123456789"))
            let revoked = try await stage.accounts.send(
                "POST", "/companies/\(stage.company)/invitations",
                #"{"email":"bob@example.com","role":"admin"}"#, stage.owner
            ).decode(Made.self).id
            let withdrawn = try await stage.accounts.send(
                "DELETE", "/companies/\(stage.company)/invitations/\(revoked)", nil, stage.owner)
            #expect(withdrawn.status == 204)
            var problems: Set<Problem> = []
            for wrong in [
                "eit_none", "", String(token.dropLast()), String(token.dropLast(4)) + "AAAA",
                forger.invitation(id, company: company), mailed.invitation(UUID(), company: company),
                mailed.invitation(id, company: UUID()), mailed.verification(user: id, email: "vera@example.com"),
                mailed.invitation(id, company: company, now: Date(timeIntervalSinceNow: -8 * 86_400)),
                mailed.invitation(try #require(UUID(uuidString: revoked)), company: company),
            ] {
                let answer = try await stage.preview(wrong)
                #expect(answer.status == 400, "\(wrong): \(answer.text)")
                problems.insert(try answer.decode(Problem.self))
            }
            #expect(problems.count == 1 && problems.first?.code == "invitation_bad_token", "\(problems)")
            #expect(try await stage.preview(token).status == 200)
        }
    }

    @Test func `the mail of an invitation is the operators' job, not the company's`() async throws {
        let mail = FileManager.default.temporaryDirectory.appendingPathComponent("mail-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: mail) }
        try await Self.onStage(["SERVICE_KEYS": "service-key-0123456789"]) { stage in
            let (accounts, system) = (stage.accounts, stage.accounts.system)
            let inCompany = [(name: "X-Company-Id", value: stage.company)]
            func asOwner(_ method: String, _ path: String, _ body: String? = nil) async throws -> APIClient.Answer {
                try await accounts.send(method, path, body, stage.owner, headers: inCompany)
            }
            #expect(try await asOwner("POST", "/jobs", #"{"kind":"noop"}"#).status == 202)
            #expect(try await asOwner("GET", "/jobs").decode(Listed.self).jobs.map(\.kind) == ["noop"])
            let id = try await system.newestMailJob()
            for (method, path) in [
                ("GET", "/jobs/\(id)"), ("GET", "/jobs/\(id)/events"), ("POST", "/jobs/\(id)/cancel"),
                ("POST", "/jobs/\(id)/retry"), ("POST", "/jobs/\(id)/discard"),
            ] { #expect(try await asOwner(method, path).status == 404, "\(method) \(path)") }
            let cancelled = try await asOwner("POST", "/jobs/cancel", #"{"kind":"mail.send"}"#)
            #expect(cancelled.text.contains(#""cancelled":0"#), "\(cancelled.text)")
            let seen = try await system.operate("jobs", "list", "--kind", "mail.send").output
            #expect(seen.contains("\(id)"))
            let operators = try await accounts.send("GET", "/jobs?kind=mail.send", nil, "service-key-0123456789")
            #expect(try operators.decode(Listed.self).jobs.contains { $0.id == "\(id)" })
            let worker = try await system.startWorker(
                queues: "mail", ["MAIL_DIRECTORY": mail, "AUTH_SECRET": AccountSystem.secret])
            let end = await worker.line { $0.contains("attempt ended") && $0.contains("\(id)") }
            #expect(end?.contains("state=succeeded") == true, "\(end ?? "no end")")
            let files = try FileManager.default.contentsOfDirectory(atPath: mail)
            let texts = try files.map { try String(contentsOfFile: mail + "/" + $0, encoding: .utf8) }
            #expect(texts.contains { $0.contains("vera@example.com") && $0.contains("Engines & Sons") })
        }
    }

    @Test func `a link to a new password does not wait behind invitations`() async throws {
        try await Self.onStage { stage in
            let asked = try await stage.accounts.open(
                "POST", "/auth/forgot-password", #"{"email":"ada@example.com"}"#)
            #expect(asked.status == 202)
            let mails = "SELECT count(*) FROM jobs WHERE kind = 'mail.send'"
            let system = stage.accounts.system
            #expect(
                try await system.count("\(mails) AND payload->>'purpose' = 'invitation' AND priority = 3") == 1)
            #expect(
                try await system.count("\(mails) AND payload->>'purpose' = 'reset_password' AND priority = 2") == 1)
        }
    }

    @Test func `no job but those that were asked for is in a person's workspace`() async throws {
        try await Self.onStage { stage in
            let deleted = try await stage.accounts.send("DELETE", "/companies/\(stage.company)", nil, stage.owner)
            #expect(deleted.status == 204)
            let gone = try await stage.accounts.send(
                "DELETE", "/auth/me", #"{"current_password":"\#(AccountSystem.password)"}"#, stage.owner)
            #expect(gone.status == 204, "\(gone.text)")
            let made = try await stage.accounts.system.operate("users", "create", "bob@example.com", "--mail-link")
            #expect(made.status == 0)
            let erased = try await stage.accounts.system.operate("users", "delete", "bob@example.com", "--yes")
            #expect(erased.status == 0, "\(erased.output)")
            let jobs = "SELECT count(*) FROM jobs"
            #expect(try await stage.accounts.system.count("\(jobs) WHERE kind = 'account.erase'") == 2)
            #expect(
                try await stage.accounts.system.count("\(jobs) WHERE tenant_id <> '\(TenantID.operators)'") == 0)
        }
    }
}
