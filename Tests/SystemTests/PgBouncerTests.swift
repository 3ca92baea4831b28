import Domain
import Foundation
import TestSupport
import Testing

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
}
