import Domain
import Foundation
import HTTPTransport
import Postgres
import TestSupport
import Testing

@Suite(.serialized) struct PeriodicTests {
    private struct ScheduleView: Decodable {
        var name: String
        var rule: String
        var paused: Bool
        var next_at: String
        var last_job_id: JobID?
        var coalesced: Int
    }

    @Test func `schedules are put, listed, paused, fired and deleted`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            func put(_ body: String) async throws -> APIClient.Answer {
                try await client.send("PUT", "/api/v1/schedules/nightly", body: body)
            }
            let body = #"{"cron":"30 2 * * *","time_zone":"Europe/Berlin","job":{"kind":"noop","priority":4}}"#
            let made = try await put(body)
            #expect(made.status == 201, "\(made.text)")
            #expect(try await put(body).status == 200)
            for wrong in [
                #"{"cron":"61 * * * *","job":{"kind":"noop"}}"#, #"{"job":{"kind":"noop"}}"#,
                #"{"cron":"* * * * *","every_seconds":5,"job":{"kind":"noop"}}"#,
                #"{"every_seconds":0,"job":{"kind":"noop"}}"#, #"{"cron":"every 5s","job":{"kind":"noop"}}"#,
                #"{"cron":"* * * * *","time_zone":"Mars/Base","job":{"kind":"noop"}}"#,
                #"{"every_seconds":5,"time_zone":"Mars/Base","job":{"kind":"noop"}}"#, #"{"every_seconds":5}"#,
                #"{"every_seconds":5,"job":{"kind":"noop","delay_seconds":5}}"#,
                #"{"every_seconds":5,"job":{"kind":"nope"}}"#,
            ] {
                let answer = try await put(wrong)
                #expect(answer.status == 422, "\(wrong): \(answer.text)")
            }
            #expect(try await client.send("PUT", "/api/v1/schedules/No", body: body).status == 422)
            let list = try await client.send("GET", "/api/v1/schedules")
            #expect(list.text.contains(#""rule":"30 2 * * *","time_zone":"Europe/Berlin""#), "\(list.text)")
            let paused: ScheduleView = try await client.send("POST", "/api/v1/schedules/nightly/pause").decode()
            #expect(paused.paused)
            let resumed: ScheduleView = try await client.send("POST", "/api/v1/schedules/nightly/resume").decode()
            #expect(!resumed.paused && resumed.next_at == paused.next_at)
            let fired = try await client.send("POST", "/api/v1/schedules/nightly/fire")
            #expect(fired.status == 202 && fired.text.contains(#""priority":4"#))
            #expect(try await client.send("DELETE", "/api/v1/schedules/nightly").status == 204)
            let calls = [("DELETE", ""), ("GET", ""), ("POST", "/pause"), ("POST", "/resume"), ("POST", "/fire")]
            for (method, path) in calls {
                #expect(try await client.send(method, "/api/v1/schedules/nightly\(path)").status == 404)
            }
        }
    }

    @Test func `every tick has one job, though schedulers are killed again and again`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            var workers = [try await system.startWorker(), try await system.startWorker()]
            let body = #"{"every_seconds":1,"job":{"kind":"noop"}}"#
            let made: ScheduleView = try await client.send("PUT", "/api/v1/schedules/tick", body: body).decode()
            let first = try #require(RFC3339.date(made.next_at))
            for round in 0..<6 {
                try await Task.sleep(for: .milliseconds(900))
                await workers[round % 2].killNow()
                workers[round % 2] = try await system.startWorker()
            }
            let paused: ScheduleView = try await client.send("POST", "/api/v1/schedules/tick/pause").decode()
            let next = try #require(RFC3339.date(paused.next_at))
            let ticks = Int(next.timeIntervalSince(first).rounded())
            let jobs = try await system.count("SELECT count(*) FROM jobs")
            #expect(jobs + paused.coalesced == ticks && jobs >= 3, "\(jobs) jobs, \(paused.coalesced), \(ticks) ticks")
        }
    }

    @Test func `a service key starts sweeps and pauses queues, and nobody else does`() async throws {
        try await TestSystem.with { system in
            let serviceKey = "service-key-0123456789"
            let (_, client) = try await system.startGateway(["SERVICE_KEYS": serviceKey])
            let service = APIClient(transport: system.transport, base: client.base, key: serviceKey)
            for path in ["/sweeps/retention", "/queues/default/pause", "/queues/default/resume"] {
                #expect(try await client.send("POST", "/api/v1" + path).status == 403, "\(path)")
            }
            let first = try await service.send("POST", "/api/v1/sweeps/retention")
            #expect(first.status == 202, "\(first.text)")
            let second = try await service.send("POST", "/api/v1/sweeps/retention")
            #expect(second.text.contains(#""deduplicated":true"#))
            let job: APIClient.JobView = try first.decode()
            #expect(try await service.send("GET", "/api/v1/jobs/\(job.id)").status == 200)
            #expect(try await client.send("GET", "/api/v1/jobs/\(job.id)").status == 404)
            #expect(try await service.send("POST", "/api/v1/sweeps/dust").status == 404)
            // A paused queue hands out nothing until it is resumed.
            #expect(try await service.send("POST", "/api/v1/queues/default/pause").text.contains(#""paused":true"#))
            _ = try await system.startWorker()
            let waits = try await client.post("/jobs", #"{"kind":"noop"}"#)
            let still: APIClient.JobView = try await client.send("GET", "/api/v1/jobs/\(waits.id)?wait=1").decode()
            #expect(still.state == .queued)
            #expect(try await service.send("POST", "/api/v1/queues/default/resume").status == 200)
            #expect(try await client.end(of: waits.id).state == .succeeded)
        }
    }

    @Test func `keys that are short, reserved or repeated are refused at the start`() async throws {
        let gateway = try ServerProcess(
            "gateway",
            environment: [
                "DATABASE_URL": "postgresql://x@127.0.0.1/x", "SERVICE_KEYS": "short,0123456789abcdef",
                "API_KEYS": "\(TenantID.operators):0123456789abcdefg,\(TenantID.make()):0123456789abcdef",
            ])
        #expect(await gateway.exit() == 78)
        let text = gateway.lines.joined(separator: "\n")
        #expect(text.contains("API_KEYS entry 1") && text.contains("SERVICE_KEYS entry 1"))
        #expect(text.contains("SERVICE_KEYS entry 2"))
    }
}
