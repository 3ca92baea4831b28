import Domain
import Foundation
import HTTPTransport
import Postgres
import TestSupport
import Testing
import Vault

@Suite struct AccountTests {
    typealias Tokens = AccountSystem.Tokens
    typealias Problem = AccountSystem.Problem

    @Test(arguments: [SignatureAlgorithm.es256, .eddsa, .hs256])
    func `somebody signs up, reads the mail, signs in, posts a job and signs out`(
        _ algorithm: SignatureAlgorithm
    ) async throws {
        try await AccountSystem.with(algorithm) { accounts in
            let (_, tokens) = try await accounts.person("ada@example.com")
            let me = try await accounts.send("GET", "/auth/me", nil, tokens.access_token)
            #expect(try me.decode(AccountSystem.User.self).is_verified)
            let job = try await accounts.send("POST", "/jobs", #"{"kind":"noop"}"#, tokens.access_token)
            #expect(job.status == 202)
            let path = "/jobs/" + (try job.decode(APIClient.JobView.self)).id.description
            let own = try await accounts.send("GET", path, nil, tokens.access_token)
            #expect(own.status == 200)
            let others = try await accounts.client.send("GET", "/api/v1" + path)
            #expect(others.status == 404)
            let out = try await accounts.send("POST", "/auth/jwt/logout", nil, tokens.access_token)
            #expect(out.status == 204)
            let after = try await accounts.statusOfMe(tokens.access_token)
            #expect(after == 401)
            let refresh = try await accounts.refresh(tokens.refresh_token)
            #expect(refresh.status == 400)
            #expect(try refresh.decode(Problem.self).code == "session_expired")
        }
    }

    @Test func `nobody finds out who has an account`() async throws {
        try await AccountSystem.with { accounts in
            let (known, _) = try await accounts.person("known@example.com")
            let again = try await accounts.register("known@example.com", password: "another good phrase")
            #expect(again.id != known.id)
            #expect(!again.is_verified)
            // The password of the account is the one it had.
            let intruder = try await accounts.login("known@example.com", "another good phrase")
            #expect(intruder.status == 400)
            let owner = try await accounts.login("known@example.com")
            #expect(owner.status == 200)
            _ = try await accounts.register("unverified@example.com")
            var bodies: Set<String> = []
            var slowest = Duration.zero
            var quickest = Duration.seconds(60)
            for address in ["known@example.com", "unverified@example.com", "nobody@example.com", "no address"] {
                let started = ContinuousClock.now
                let answer = try await accounts.login(address, "a wrong one")
                let took = ContinuousClock.now - started
                slowest = max(slowest, took)
                quickest = min(quickest, took)
                #expect(answer.status == 400)
                bodies.insert(answer.text.replacing(/"request_id":"[^"]*"/, with: ""))
                if address == "no address" { continue }
                for path in ["/auth/forgot-password", "/auth/request-verify-token"] {
                    let asked = try await accounts.open("POST", path, #"{"email":"\#(address)"}"#)
                    #expect(asked.status == 202)
                    #expect(asked.text == "null")
                }
            }
            #expect(bodies.count == 1)
            // Every failure waits for the same moment; a machine under load may add to it, but takes nothing away.
            #expect(quickest >= .milliseconds(490))
            let unverified = try await accounts.login("unverified@example.com")
            #expect(unverified.status == 400)
        }
    }

    @Test func `an address that two registered before it was verified has nobody's password`() async throws {
        try await AccountSystem.with { accounts in
            let first = try await accounts.register("ada@example.com", password: "the password of a thief")
            _ = try await accounts.register("ada@example.com")
            let verified = try await accounts.verify(first)
            #expect(verified.status == 200)
            for password in ["the password of a thief", AccountSystem.password] {
                let answer = try await accounts.login("ada@example.com", password)
                #expect(answer.status == 400)
            }
            let token = accounts.mailed.reset(user: first.id.uuid, passwordHash: nil)
            let reset = try await accounts.open(
                "POST", "/auth/reset-password", #"{"token":"\#(token)","password":"\#(AccountSystem.password)"}"#)
            #expect(reset.status == 200)
            let answer = try await accounts.login("ada@example.com")
            #expect(answer.status == 200)
        }
    }

    @Test func `signing up twice with the same password is signing up once`() async throws {
        try await AccountSystem.with { accounts in
            let first = try await accounts.register("ada@example.com")
            _ = try await accounts.register("ada@example.com")
            let verified = try await accounts.verify(first)
            #expect(verified.status == 200)
            let answer = try await accounts.login("ada@example.com")
            #expect(answer.status == 200)
        }
    }

    @Test func `a stream ends with the session that opened it`() async throws {
        try await AccountSystem.with { accounts in
            _ = try await accounts.system.startWorker()
            let (_, tokens) = try await accounts.person("ada@example.com")
            let reader = APIClient(
                transport: accounts.client.transport, base: accounts.client.base, key: tokens.access_token)
            let job = try await reader.post(
                "/jobs", #"{"kind":"noop","payload":{"sleep_ms":20000,"emit":100}}"#)
            var names: [String] = []
            try await reader.follow(job.id) { event in
                names.append(event.event)
                if names.count == 3 {
                    let out = try await accounts.send("POST", "/auth/jwt/logout", nil, tokens.access_token)
                    #expect(out.status == 204)
                }
                return false
            }
            #expect(names.count >= 3 && names.count < 50)
            #expect(!names.contains("end"))
        }
    }

    @Test func `nobody else's page signs a browser in`() async throws {
        try await AccountSystem.with { accounts in
            _ = try await accounts.person("ada@example.com")
            let body = #"{"email":"ada@example.com","password":"\#(AccountSystem.password)","cookie":true}"#
            for (name, value, status) in [
                ("Origin", "https://evil.example", 403), ("Sec-Fetch-Site", "cross-site", 403),
                ("Origin", accounts.client.base, 200),
            ] {
                let answer = try await accounts.send(
                    "POST", "/auth/jwt/login", body, nil, headers: [(name: name, value: value)])
                #expect(answer.status == status)
            }
        }
    }

    @Test func `a key does no more than who made it may, and ends with their membership and account`() async throws {
        struct Made: Decodable { var key: String }
        struct Company: Decodable { var id: String }
        try await AccountSystem.with { accounts in
            let (_, owner) = try await accounts.person("owner@example.com")
            let (admin, session) = try await accounts.person("admin@example.com")
            let company = try
                (try await accounts.send(
                    "POST", "/companies", #"{"name":"Engines"}"#, owner.access_token)).decode(Company.self)
            try await accounts.system.owner.script(
                "INSERT INTO memberships (company_id, user_id, role) VALUES ('\(company.id)', '\(admin.id)', 'admin')")
            // The standing that a gateway remembers is a few seconds old at the most.
            try await Task.sleep(for: .seconds(5.5))
            let scopes = #"{"name":"k","scopes":["tasks:read","tasks:write","company:write"]}"#
            let inCompany = [(name: "X-Company-Id", value: company.id)]
            let key = try (try await accounts.send("POST", "/keys", scopes, session.access_token, headers: inCompany))
                .decode(Made.self).key
            let own = try (try await accounts.send("POST", "/keys", scopes, session.access_token)).decode(Made.self).key
            func status(_ method: String, _ key: String) async throws -> Int {
                let body = method == "POST" ? #"{"title":"t"}"# : nil
                return try await accounts.send(method, "/tasks", body, key).status
            }
            #expect(try await status("POST", key) == 201)
            let member = "/companies/\(company.id)/members/\(admin.id)"
            let demoted = try await accounts.send("PATCH", member, #"{"role":"viewer"}"#, owner.access_token)
            #expect(demoted.status == 200)
            #expect(try await status("POST", key) == 403)
            #expect(try await status("GET", key) == 200)
            let removed = try await accounts.send("DELETE", member, nil, owner.access_token)
            #expect(removed.status == 204)
            #expect(try await status("GET", key) == 401)
            #expect(try await status("GET", own) == 200)
            let gone = try await accounts.send(
                "DELETE", "/auth/me", #"{"current_password":"\#(AccountSystem.password)"}"#, session.access_token)
            #expect(gone.status == 204)
            #expect(try await status("GET", own) == 401)
        }
    }

    @Test func `codes are those of fastapi-users where addresses need not be verified`() async throws {
        try await AccountSystem.with(.es256, ["AUTH_VERIFICATION": "optional"]) { accounts in
            let user = try await accounts.register("ada@example.com")
            let taken = try await accounts.open(
                "POST", "/auth/register", #"{"email":"ADA@example.com","password":"another good phrase"}"#)
            #expect(taken.status == 400)
            #expect(try taken.decode(Problem.self).detail == "REGISTER_USER_ALREADY_EXISTS")
            let weak = try await accounts.open(
                "POST", "/auth/register", #"{"email":"bob@example.com","password":"password"}"#)
            #expect(try weak.decode(Problem.self).code == "REGISTER_INVALID_PASSWORD")
            #expect(try weak.decode(Problem.self).reason != nil)
            let login = try await accounts.login("ada@example.com")
            #expect(login.status == 200)
            let bad = try await accounts.login("ada@example.com", "wrong")
            #expect(try bad.decode(Problem.self).detail == "LOGIN_BAD_CREDENTIALS")
            #expect(try await accounts.verify(user).status == 200)
            let twice = try await accounts.verify(user)
            #expect(try twice.decode(Problem.self).detail == "VERIFY_USER_ALREADY_VERIFIED")
            let broken = try await accounts.open("POST", "/auth/verify", #"{"token":"evt_broken"}"#)
            #expect(try broken.decode(Problem.self).detail == "VERIFY_USER_BAD_TOKEN")
            let reset = try await accounts.open(
                "POST", "/auth/reset-password", #"{"token":"ept_broken","password":"another good phrase"}"#)
            #expect(try reset.decode(Problem.self).detail == "RESET_PASSWORD_BAD_TOKEN")
        }
    }

    @Test func `a form signs in as OAuth2's password grant does`() async throws {
        try await AccountSystem.with { accounts in
            _ = try await accounts.person("ada+test@example.com")
            let body = "grant_type=password&username=ada%2Btest%40example.com&password=correct+horse%20battery"
            let response = try await accounts.client.transport.send(
                .init(
                    method: "POST", url: accounts.client.base + "/api/v1/auth/jwt/login",
                    headers: [(name: "Content-Type", value: "application/x-www-form-urlencoded")],
                    body: Array(body.utf8)))
            #expect(response.status == 200)
        }
    }

    @Test func `a new password ends the other sessions, a link is good for one password`() async throws {
        try await AccountSystem.with { accounts in
            let (_, first) = try await accounts.person("ada@example.com")
            let second = try (try await accounts.login("ada@example.com")).decode(Tokens.self)
            let wrong = try await accounts.send(
                "POST", "/auth/change-password", #"{"current_password":"no","new_password":"a brand new phrase"}"#,
                first.access_token)
            #expect(wrong.status == 400)
            let change = #"{"current_password":"\#(AccountSystem.password)","new_password":"a brand new phrase"}"#
            let changed = try await accounts.send("POST", "/auth/change-password", change, first.access_token)
            #expect(changed.status == 204)
            #expect(try await accounts.statusOfMe(first.access_token) == 200)
            #expect(try await accounts.statusOfMe(second.access_token) == 401)
            #expect(try await accounts.login("ada@example.com").status == 400)
            #expect(try await accounts.login("ada@example.com", "a brand new phrase").status == 200)
        }
    }

    @Test func `sessions are listed and ended one by one`() async throws {
        struct Listed: Decodable {
            struct Session: Decodable {
                var id: SessionID
                var is_current: Bool
            }
            var sessions: [Session]
        }
        try await AccountSystem.with { accounts in
            let (_, first) = try await accounts.person("ada@example.com")
            let second = try (try await accounts.login("ada@example.com")).decode(Tokens.self)
            let listed = try (try await accounts.send("GET", "/auth/sessions", nil, first.access_token))
                .decode(Listed.self)
            #expect(listed.sessions.count == 2)
            let other = try #require(listed.sessions.first { !$0.is_current })
            let ended = try await accounts.send("DELETE", "/auth/sessions/\(other.id)", nil, first.access_token)
            #expect(ended.status == 204)
            #expect(try await accounts.statusOfMe(second.access_token) == 401)
            let again = try await accounts.send("DELETE", "/auth/sessions/\(other.id)", nil, first.access_token)
            #expect(again.status == 404)
            #expect(try await accounts.statusOfMe(first.access_token) == 200)
        }
    }

    @Test func `another gateway hears of a logout at once`() async throws {
        try await AccountSystem.with { accounts in
            let (_, tokens) = try await accounts.person("ada@example.com")
            let (_, other) = try await accounts.system.startGateway(accounts.settings)
            let twin = AccountSystem(
                system: accounts.system, gateway: accounts.gateway, client: other, mailed: accounts.mailed,
                settings: accounts.settings)
            #expect(try await twin.statusOfMe(tokens.access_token) == 200)
            let out = try await accounts.send("POST", "/auth/jwt/logout", nil, tokens.access_token)
            #expect(out.status == 204)
            let deadline = ContinuousClock.now + .seconds(2)
            var status = 200
            while status == 200, ContinuousClock.now < deadline {
                status = try await twin.statusOfMe(tokens.access_token)
            }
            #expect(status == 401)
        }
    }

    @Test func `a deleted account is gone at once, and its address is free`() async throws {
        try await AccountSystem.with { accounts in
            let (user, tokens) = try await accounts.person("ada@example.com")
            let wrong = try await accounts.send(
                "DELETE", "/auth/me", #"{"current_password":"no"}"#, tokens.access_token)
            #expect(wrong.status == 400)
            let gone = try await accounts.send(
                "DELETE", "/auth/me", #"{"current_password":"\#(AccountSystem.password)"}"#, tokens.access_token)
            #expect(gone.status == 204)
            #expect(try await accounts.statusOfMe(tokens.access_token) == 401)
            #expect(try await accounts.login("ada@example.com").status == 400)
            let (next, _) = try await accounts.person("ada@example.com")
            #expect(next.id != user.id)
        }
    }
}
