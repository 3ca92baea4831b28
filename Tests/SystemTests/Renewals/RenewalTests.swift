import Domain
import Foundation
import HTTPTransport
import Jobs
import Postgres
import Store
import TestSupport
import Testing
import Vault

/// Renewals by whole processes, against the simulated providers.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RenewalTests {
    @Test func `a hundred renewals and sweeps at once ask the provider once`() async throws {
        try await RenewalSystem.with { renewals in
            let connection = try await renewals.connect("google", lifeSeconds: 30)
            try await renewals.system.owner.script("UPDATE connections SET renew_at = now()")
            let renew = [RenewToken](repeating: RenewToken(connection.id, tokenVersion: 1), count: 100)
            var jobs = try await renewals.enqueue(renew, tenant: connection.tenant)
            #expect(Set(jobs).count == 1, "a hundred that are the same are one")
            jobs += try await renewals.enqueue(renew, tenant: connection.tenant, isUnique: false)
            jobs += try await renewals.enqueue(
                [SweepTokens](repeating: SweepTokens(), count: 20), tenant: .operators)
            jobs += try await renewals.enqueue(
                [CheckConnection](repeating: CheckConnection(connection.id), count: 20), tenant: connection.tenant)
            for _ in 1...4 { _ = try await renewals.startWorker() }
            try await renewals.wait(for: jobs)
            let calls = try await renewals.renewalCalls()
            #expect(calls.count == 1)
            let found = try await renewals.connections().find(connection.id, tenant: connection.tenant)
            #expect(found.tokenVersion == 2)
            print("\(Set(jobs).count) jobs, 4 workers: \(calls.count) call, version \(found.tokenVersion)")
        }
    }

    @Test func `a connection that needs a person parks its jobs, tells once, and goes on when it is made again`()
        async throws
    {
        try await RenewalSystem.with { renewals in
            let user = UserID.make()
            try await renewals.system.owner.script(
                "INSERT INTO users (id, email, is_verified) VALUES ('\(user)', 'ada@example.com', true)")
            let connection = try await renewals.connect(
                "google", by: user, tenant: TenantID(user), lifeSeconds: 30)
            try await renewals.control("POST", "revoke", #"{"account":"ada"}"#)
            let check = [CheckConnection](repeating: CheckConnection(connection.id), count: 3)
            let jobs = try await renewals.enqueue(check, tenant: connection.tenant)
            let mails = FileManager.default.temporaryDirectory.appendingPathComponent("mail-\(user)").path
            defer { try? FileManager.default.removeItem(atPath: mails) }
            let office = [
                "MAIL_DIRECTORY": mails, "PUBLIC_URL": "https://errand.test",
                "AUTH_SECRET": "a secret of at least thirty-two characters",
            ]
            for _ in 1...2 { _ = try await renewals.startWorker(queues: "default,tokens,mail", office) }
            try await renewals.wait(for: jobs, "waiting")
            let found = try await renewals.connections().find(connection.id, tenant: connection.tenant)
            #expect(found.state == .needsReconnect && found.reason == .refused)
            let sent = "SELECT count(*) FROM jobs WHERE kind = 'mail.send' AND result->>'sent' = 'true'"
            try await renewals.until { try await renewals.system.count(sent) == 1 }
            let letter = try letters(in: mails)
            #expect(letter.contains("Google account ada"))
            #expect(letter.contains("https://errand.test/?view=connections"))
            let visit = try await consent(renewals, connection, user)
            let completions = try await renewals.enqueue([CompleteConnection(visit)], tenant: connection.tenant)
            try await renewals.wait(for: completions)
            try await renewals.wait(for: jobs)
            let again = try await renewals.connections().find(connection.id, tenant: connection.tenant)
            #expect(again.state == .active && again.tokenVersion == 2)
            #expect(try await renewals.system.count("SELECT count(*) FROM jobs WHERE kind = 'mail.send'") == 1)
            #expect(try await renewals.system.count("SELECT count(*) FROM authorizations") == 0)
            #expect(
                try await renewals.system.count(
                    "SELECT sum(attempts_spent)::int8 FROM jobs WHERE kind = 'connection.check'") == 3)
        }
    }

    private func letters(in folder: String) throws -> String {
        try FileManager.default.subpathsOfDirectory(atPath: folder).map { path in
            let file = URL(fileURLWithPath: folder).appendingPathComponent(path)
            return file.hasDirectoryPath ? "" : String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
        }.joined().replacingOccurrences(of: "=\r\n", with: "").replacingOccurrences(of: "=3D", with: "=")
    }

    /// What the gateway does with a browser that comes back from the consent page.
    private func consent(
        _ renewals: RenewalSystem, _ connection: Connection, _ user: UserID
    ) async throws -> AuthorizationID {
        // The pair of RFC 7636's appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let query = [
            "client_id=id", "response_type=code", "redirect_uri=\(RenewalSystem.callback)", "state=state",
            "scope=openid%20email", "access_type=offline", "prompt=consent", "code_challenge_method=S256",
            "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "auto=allow", "account=ada",
        ].joined(separator: "&")
        let answer = try await renewals.system.transport.send(
            HTTPRequest(url: "\(renewals.system.providerURL)/google/o/oauth2/v2/auth?\(query)"))
        let location = try #require(answer.headers.first("location"))
        let code = try #require(
            URLComponents(string: location)?.queryItems?.first { $0.name == "code" }?.value)
        let caller = Caller(
            name: "user:\(user)", user: user, tenant: connection.tenant, permissions: .all)
        let digest = [UInt8](repeating: 7, count: 32)
        let new = Authorizations.New(
            tenant: connection.tenant, user: user, provider: connection.provider, host: nil, digest: digest,
            browser: digest, verifier: verifier, redirectURI: RenewalSystem.callback, returnTo: "/", features: [])
        let vault = try await renewals.vault()
        try await renewals.system.stores.withPool(as: "errand_gateway") { pool in
            let visits = Authorizations(pool: pool, vault: vault)
            #expect(try await visits.begin(new, caller))
            guard case .open(let returned) = try await visits.present(digest: digest, browser: digest) else { return }
            let key = try await vault.sealingKey(of: connection.tenant)
            let isUsed = try await pool.transaction(settings: Authorizations.using(returned, digest: digest)) {
                try await visits.use(returned, digest: digest, code: code, sealedBy: key, in: $0)
            }
            #expect(isUsed)
        }
        return new.id
    }

    @Test func `a connection that is ended is revoked at its provider, which may stay away`() async throws {
        try await RenewalSystem.with { renewals in
            let connection = try await renewals.connect("google")
            _ = try await renewals.startWorker()
            try await end(connection, renewals, maxAttempts: 20)
            #expect(try await renewals.tokens("live=true&account=ada").isEmpty)
            #expect(try await results(renewals) == [#"{"revoked": true}"#])
            let other = try await renewals.connect("google", "bob")
            try await renewals.control("POST", "faults", #"{"kind":"status:503","endpoint":"revoke"}"#)
            try await end(other, renewals, maxAttempts: 2)
            #expect(try await results(renewals) == [#"{"revoked": true}"#, #"{"revoked": false}"#])
            #expect(try await renewals.system.count("SELECT count(*) FROM connections") == 0)
            let left = try await renewals.connect("google", "eve")
            try await renewals.system.owner.script(
                "UPDATE connections SET state = 'disconnecting', updated_at = now() - interval '3 hours'")
            try await renewals.control("DELETE", "faults")
            try await renewals.wait(for: try await renewals.enqueue([SweepTokens()], tenant: .operators))
            try await renewals.until { try await renewals.system.count("SELECT count(*) FROM connections") == 0 }
            #expect(try await renewals.tokens("live=true&account=\(left.accountName)").isEmpty)
        }
    }

    private func results(_ renewals: RenewalSystem) async throws -> [String] {
        let statement = Statement(
            "test.results",
            "SELECT (result - 'connection_id')::text FROM jobs WHERE kind = 'connection.disconnect' ORDER BY seq")
        return try await renewals.system.owner.query(statement).map { try $0.text(0) }
    }

    private func end(_ connection: Connection, _ renewals: RenewalSystem, maxAttempts: Int) async throws {
        let (connections, store) = (try await renewals.connections(), JobStore(pool: renewals.pool))
        let job = try await renewals.pool.transaction(settings: RowAccess.tenant(connection.tenant)) {
            _ = try await connections.disconnect(connection.id, tenant: connection.tenant, in: $0)
            var specification = try Disconnect(connection.id).specification(queue: nil)
            specification.maxAttempts = maxAttempts
            return try await store.insert([NewJob(tenant: connection.tenant, specification: specification)], in: $0)[0]
                .id
        }
        try await renewals.wait(for: [job])
    }

    @Test func `master keys rotate while connections are renewed, and no token is told anywhere`() async throws {
        try await RenewalSystem.with { renewals in
            var connections: [Connection] = []
            for number in 1...40 {
                connections.append(
                    try await renewals.connect(number.isMultiple(of: 2) ? "google" : "notion", "person\(number)"))
            }
            var workers = [try await renewals.startWorker(), try await renewals.startWorker()]
            var jobs = try await renew(connections, 1, renewals)
            let made = try await renewals.system.operate("master-keys", "new", renewals.keyFile, "--first")
            #expect(made.output == "k2")
            try await renewals.wait(for: jobs)
            jobs += try await renew(connections, 2, renewals)
            let rotated = try await renewals.system.operate(["keys", "rotate"], input: nil, renewals.settings())
            #expect(rotated.status == 0, "\(rotated.output)")
            #expect(rotated.output.contains("40 data keys were wrapped anew"))
            try await renewals.wait(for: jobs)
            #expect(try await renewals.system.operate("master-keys", "retire", renewals.keyFile, "k1").status == 0)
            workers.append(try await renewals.startWorker())
            for worker in workers.dropLast() { await worker.killNow() }
            jobs += try await renew(connections, 3, renewals)
            try await renewals.wait(for: jobs)
            let store = try await renewals.connections()
            for connection in connections {
                let opened = try await store.open(connection.id, tenant: connection.tenant)
                #expect(opened.connection.tokenVersion == 4 && opened.connection.state == .active)
            }
            #expect(try await renewals.system.count("SELECT count(*) FROM renewals WHERE outcome <> 'renewed'") == 0)
            #expect(try await renewals.system.count("SELECT count(*) FROM data_keys WHERE master_key <> 'k2'") == 0)
            try await expectNoToken(renewals)
        }
    }

    private func renew(
        _ connections: [Connection], _ version: Int, _ renewals: RenewalSystem
    ) async throws -> [JobID] {
        var jobs: [JobID] = []
        for connection in connections {
            jobs += try await renewals.enqueue(
                [RenewToken(connection.id, tokenVersion: version), CheckConnection(connection.id)],
                tenant: connection.tenant)
        }
        return jobs
    }

    private func expectNoToken(_ renewals: RenewalSystem) async throws {
        let planted = try await renewals.tokens("").map(\.value)
        // Of Google 20 refresh tokens; all others are made anew each time.
        #expect(planted.count == 260)
        let remains = try await Remains.of(renewals.system)
        // What is searched holds what it should.
        let known = try await renewals.system.owner.query(
            Statement("test.known", "SELECT connection_id::text, job_id::text FROM renewals LIMIT 1"))[0]
        #expect(try remains.holding(known.text(0)).contains("jobs"))
        #expect(try Set(remains.holding(known.text(1))).isSuperset(of: ["jobs", "logs", "renewals"]))
        for token in planted { #expect(remains.holding(token).isEmpty) }
        print("\(planted.count) tokens, \(remains.byteCount) bytes searched: 0 hits")
    }
}
