import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing

/// Mail in development: kept in a folder and shown at /dev/mail, from signing up to signing in.
@Suite(.serialized, .timeLimit(.minutes(4))) struct MailboxTests {
    private func withAccounts(_ body: @Sendable (TestSystem, [String: String]) async throws -> Void) async throws {
        try await TestSystem.with { system in
            let folder = FileManager.default.temporaryDirectory.appending(path: "mailbox-\(UUID().uuidString)").path()
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let keys = folder + "/keys.json"
            #expect(try await system.operate("signing-keys", "new", keys).status == 0)
            try await body(
                system,
                [
                    "AUTH_SECRET": "a-secret-of-these-tests-0123456789", "AUTH_KEYS_FILE": keys,
                    "MAIL_DIRECTORY": folder + "/mail", "PUBLIC_URL": "https://errand.example.org",
                    "RATE_LIMIT_LOGIN": "off",
                ])
        }
    }

    private func token(_ kind: String, in text: String) throws -> String {
        let match = try #require(text.firstMatch(of: /#([a-z]+)=(e[a-z]t_[A-Za-z0-9_\-.]+)/), "\(text)")
        #expect(match.1 == kind)
        return String(match.2)
    }

    @Test func `the links of mails verify an address and set a password`() async throws {
        try await withAccounts { system, settings in
            let client = try await system.startOperatorsGateway(settings)
            _ = try await system.startWorker(queues: "mail", settings)
            let registered = try await client.send(
                "POST", "/api/v1/auth/register",
                body: #"{"email": "ann@example.com", "password": "a long enough phrase", "name": "<b>Ann</b>"}"#)
            #expect(registered.status == 201, "\(registered.text)")
            let first = try await system.newestMailJob()
            #expect(try await client.mailJob(first).result?.sent == true)
            let verify = try token("verify", in: try await client.send("GET", "/dev/mail/\(first).eml").text)
            let verified = try await client.send("POST", "/api/v1/auth/verify", body: #"{"token": "\#(verify)"}"#)
            #expect(verified.status == 200, "\(verified.text)")

            _ = try await client.send("POST", "/api/v1/auth/forgot-password", body: #"{"email": "ann@example.com"}"#)
            let second = try await system.newestMailJob()
            #expect(try await client.mailJob(second).result?.sent == true)
            let reset = try token("reset", in: try await client.send("GET", "/dev/mail/\(second).eml").text)
            let body = #"{"token": "\#(reset)", "password": "another long phrase"}"#
            let set = try await client.send("POST", "/api/v1/auth/reset-password", body: body)
            #expect(set.status == 200, "\(set.text)")
            let again = try await client.send("POST", "/api/v1/auth/reset-password", body: body)
            #expect(again.status == 400, "a link is good once")
            let third = try await system.newestMailJob()
            #expect(try await client.mailJob(third).result?.sent == true)
            let login = try await client.send(
                "POST", "/api/v1/auth/jwt/login",
                body: #"{"email": "ann@example.com", "password": "another long phrase"}"#)
            #expect(login.status == 200, "\(login.text)")

            let list = try await client.send("GET", "/dev/mail").text
            let subjects = ["Your password was changed", "Choose a new password", "Confirm your e-mail address"]
            let places = subjects.compactMap { list.range(of: $0)?.lowerBound }
            #expect(places.count == 3 && places == places.sorted(), "newest first: \(list)")
        }
    }

    @Test func `an address without an account gets no mail, and an account two kinds`() async throws {
        try await withAccounts { system, settings in
            let client = try await system.startOperatorsGateway(settings)
            _ = try await system.startWorker(queues: "mail", settings)
            let asked = try await client.send(
                "POST", "/api/v1/auth/forgot-password", body: #"{"email": "nobody@example.com"}"#)
            #expect(asked.status == 202)
            let ended = try await client.mailJob(try await system.newestMailJob())
            #expect(ended.state == .succeeded && ended.result?.sent == false && ended.result?.message_id == nil)
            #expect(try await client.send("GET", "/dev/mail").text.contains("No mail yet"))
        }
    }

    @Test func `the mailbox shows text as text, and is there only when it is wanted`() async throws {
        try await withAccounts { system, settings in
            let client = try await system.startOperatorsGateway(settings)
            let folder = try #require(settings["MAIL_DIRECTORY"])
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let mail = """
                Subject: <script>alert(1)</script>\r\nTo: "><img src=x> <a@b.c>\r\n\r\n<img src=x onerror=alert(2)>\r
                https://x.org/?a=1&b='2'<br> "http://y.org/#z" javascript:alert(3)\r\n
                """
            try Data(mail.utf8).write(to: URL(filePath: folder + "/bad.eml"))
            for path in ["/dev/mail", "/dev/mail/bad.eml"] {
                let page = try await client.send("GET", path)
                #expect(page.status == 200)
                #expect(!page.text.contains("<script") && !page.text.contains("<img") && !page.text.contains("style="))
                let policy = page.headers.first("content-security-policy") ?? ""
                #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
            }
            let page = try await client.send("GET", "/dev/mail/bad.eml").text
            #expect(page.contains(#"<a href="https://x.org/?a=1&amp;b=&#39;2&#39;""#))
            #expect(page.contains(#"<a href="http://y.org/#z""#) && !page.contains("href=\"javascript"))
            for path in ["/dev/mail/none.eml", "/dev/mail/..%2Fkeys.json", "/dev/mail/keys.json"] {
                #expect(try await client.send("GET", path).status == 404)
            }
            #expect(try await client.send("GET", "/dev/mail.css").status == 200)

            let without = try await system.startOperatorsGateway(settings.merging(["MAIL_DIRECTORY": ""]) { $1 })
            for path in ["/dev/mail", "/dev/mail/bad.eml", "/dev/mail.css"] {
                #expect(try await without.send("GET", path).status == 404)
            }
        }
    }
}
