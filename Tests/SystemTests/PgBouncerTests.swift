import Domain
import Foundation
import TestSupport
import Testing
import Vault

@Suite(.serialized) struct PgBouncerTests {
    @Test func `everything works through PgBouncer in transaction mode, and goes on after its restart`() async throws {
        try await TestSystem.with { system in
            let bouncer = try PgBouncer(server: TestStores.variable("TEST_DATABASE_URL"), schema: system.stores.schema)
            let first = try bouncer.start()
            func settings(_ role: String) -> [String: String] {
                ["DATABASE_URL": bouncer.url(as: role), "DATABASE_PREPARED_STATEMENTS": "false"]
            }
            let (_, client) = try await system.startGateway(settings("errand_gateway"))
            for _ in 0..<2 { _ = try await system.startWorker(settings("errand_worker")) }
            let chat = try await client.ask("hello [[sim: tokens=20]]")
            #expect(try await client.end(of: chat.id).state == .succeeded)
            var ids: [JobID] = []
            for number in 0..<200 {
                let body = #"{"kind":"noop","payload":{"sleep_ms":20,"key":"\#(number % 20)"}}"#
                ids.append(try await client.post("/jobs", body).id)
            }
            await first.killNow()
            let second = try bouncer.start()
            defer { second.signal(SIGKILL) }
            for id in ids {
                let ended = try await client.end(of: id)
                #expect(ended.state == .succeeded)
            }
            let after = try await client.post("/jobs", #"{"kind":"noop"}"#)
            #expect(try await client.end(of: after.id).state == .succeeded)
            // Row-level security holds for the sessions that are shared.
            #expect(try await system.count("SELECT count(DISTINCT tenant_id) FROM jobs") == 1)
        }
    }

    private struct Key: Decodable { var key: String }

    @Test func `people sign up, sign in and stay signed in, and their keys work, through shared sessions`() async throws
    {
        try await TestSystem.with { system in
            let bouncer = try PgBouncer(server: TestStores.variable("TEST_DATABASE_URL"), schema: system.stores.schema)
            let server = try bouncer.start()
            defer { server.signal(SIGKILL) }
            let settings = [
                "DATABASE_URL": bouncer.url(as: "errand_gateway"), "DATABASE_PREPARED_STATEMENTS": "false",
            ]
            try await AccountSystem.with(.es256, settings, in: system) { accounts in
                // Many at once take turns on the few sessions that there are.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<12 {
                        group.addTask { try await Self.live(as: "p\(number)@example.com", accounts) }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await system.count("SELECT count(*) FROM users WHERE is_verified") == 12)
        }
    }

    /// What a person does on the first day; sees their own job and nobody else's.
    private static func live(as email: String, _ accounts: AccountSystem) async throws {
        let (user, first) = try await accounts.person(email)
        let refreshed = try await accounts.refresh(first.refresh_token)
        try #require(refreshed.status == 200, "\(refreshed.text)")
        let second: AccountSystem.Tokens = try refreshed.decode()
        #expect(second.refresh_token != first.refresh_token)
        let me: AccountSystem.User = try await accounts.send("GET", "/auth/me", nil, second.access_token).decode()
        #expect(me.id == user.id && me.is_verified)
        let scopes = #"{"name":"cron","scopes":["jobs:read","jobs:write"]}"#
        let made = try await accounts.send("POST", "/keys", scopes, second.access_token)
        try #require(made.status == 201, "\(made.text)")
        let key = try made.decode(Key.self).key
        let posted = try await accounts.send("POST", "/jobs", #"{"kind":"noop"}"#, key)
        try #require(posted.status == 202, "\(posted.text)")
        let job: APIClient.JobView = try posted.decode()
        struct Page: Decodable { var jobs: [APIClient.JobView] }
        let page: Page = try await accounts.send("GET", "/jobs", nil, key).decode()
        #expect(page.jobs.map(\.id) == [job.id])
        #expect(try await accounts.send("GET", "/tasks", nil, key).status == 403)
    }
}
