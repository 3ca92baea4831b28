import Domain
import Foundation
import HTTPTransport
import Postgres
import TestSupport
import Testing

@Suite(.serialized) struct AcceptTests {
    private struct Problem: Decodable {
        struct Field: Decodable { var field: String }
        var code: String
        var errors: [Field]?
    }

    private struct JobRow: Decodable {
        var id: JobID
        var state: JobState
        var priority: Int
        var max_attempts: Int
        var run_at: String
        var deduplicated: Bool?
    }

    private func post(
        _ client: APIClient, _ path: String, _ body: String, _ headers: [(name: String, value: String)] = []
    ) async throws -> APIClient.Answer {
        try await client.send("POST", "/api/v1" + path, body: body, headers: headers)
    }

    @Test func `every option of a job is taken, and kept`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let runAt = Date().addingTimeInterval(3600)
                .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            let body = """
                {"kind":"noop","queue":"chat","payload":{"sleep_ms":1},"priority":1,"run_at":"\(runAt)",
                 "start_within_seconds":60,"finish_within_seconds":120,"ordering_key":"o","concurrency_key":"c:1",
                 "max_attempts":7,"attempt_timeout_seconds":9,
                 "unique":{"key":"u","scope":{"period_seconds":60},"on_conflict":"replace"}}
                """
            let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let answer = try await post(client, "/jobs", body, [(name: "traceparent", value: parent)])
            #expect(answer.status == 202, "\(answer.text)")
            let job: JobRow = try answer.decode()
            #expect(job.state == .scheduled && job.priority == 1 && job.max_attempts == 7 && job.run_at == runAt)
            let row = try await system.owner.query(
                Statement(
                    "test.row",
                    """
                    SELECT queue, ordering_key, concurrency_key, unique_key, attempt_timeout_seconds, trace,
                           extract(epoch FROM start_by - run_at)::int4, extract(epoch FROM finish_by - run_at)::int4
                    FROM jobs
                    """))[0]
            #expect(try row.text(0) == "chat" && row.text(1) == "o" && row.text(2) == "c:1" && row.text(3) == "u")
            #expect(try row.int(4) == 9 && row.text(5) == parent && row.int(6) == 60 && row.int(7) == 120)
            let delayed: JobRow = try await post(client, "/jobs", #"{"kind":"noop","delay_seconds":0.5}"#).decode()
            #expect(delayed.state == .scheduled)
            // A moment that has passed means now; a trace that is none is left out.
            let past = #"{"kind":"noop","run_at":"2020-01-01T00:00:00+01:00"}"#
            let now: JobRow = try await post(client, "/jobs", past, [(name: "traceparent", value: "00-x")]).decode()
            #expect(now.state == .queued)
        }
    }

    @Test func `every field that is wrong is named, and nothing is made`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let far = Date().addingTimeInterval(367 * 86_400).formatted(Date.ISO8601FormatStyle())
            let long = String(repeating: "k", count: 301)
            let cases: [(String, [String])] = [
                (#""priority":0"#, ["priority"]), (#""priority":5"#, ["priority"]),
                (#""priority":"high""#, ["priority"]),
                (#""delay_seconds":-1"#, ["delay_seconds"]), (#""delay_seconds":31622401"#, ["delay_seconds"]),
                (#""run_at":"tomorrow""#, ["run_at"]), (#""run_at":"2026-02-30T00:00:00Z""#, ["run_at"]),
                (#""run_at":"\#(far)""#, ["run_at"]),
                (#""run_at":"2030-01-01T00:00:00Z","delay_seconds":1"#, ["run_at"]),
                (#""start_within_seconds":0"#, ["start_within_seconds"]),
                (#""finish_within_seconds":31622401"#, ["finish_within_seconds"]),
                (#""ordering_key":"""#, ["ordering_key"]), (#""ordering_key":"\#(long)""#, ["ordering_key"]),
                (#""ordering_key":"errand:x""#, ["ordering_key"]),
                (#""concurrency_key":"errand:x""#, ["concurrency_key"]),
                (#""unique":{"key":"errand:renewal:1"}"#, ["unique.key"]),
                (#""ordering_key":"a\u0000""#, ["ordering_key"]), (#""concurrency_key":"""#, ["concurrency_key"]),
                (#""ordering_key":"a","payload":{"key":"b"}"#, ["ordering_key"]),
                (#""max_attempts":101"#, ["max_attempts"]),
                (#""attempt_timeout_seconds":0"#, ["attempt_timeout_seconds"]),
                (#""unique":{}"#, ["unique.key"]), (#""unique":{"key":""}"#, ["unique.key"]),
                (#""unique":{"key":"u","scope":"ever"}"#, ["unique.scope"]),
                (#""unique":{"key":"u","scope":{"period_seconds":0}}"#, ["unique.scope"]),
                (#""unique":{"key":"u","on_conflict":"drop"}"#, ["unique.on_conflict"]), (#""unique":7"#, ["unique"]),
                (#""priority":9,"max_attempts":0,"queue":"No""#, ["priority", "max_attempts", "queue"]),
                (#""payload":{"sleep_ms":-1,"emit":-1}"#, ["payload.sleep_ms", "payload.emit"]),
            ]
            for (fields, expected) in cases {
                let answer = try await post(client, "/jobs", #"{"kind":"noop",\#(fields)}"#)
                #expect(answer.status == 422, "\(fields): \(answer.text)")
                let problem: Problem = try answer.decode()
                #expect(Set(problem.errors?.map(\.field) ?? []) == Set(expected), "\(fields): \(answer.text)")
            }
            for (fields, field) in [(#""priority":9"#, "priority"), (#""unique":{"key":"errand:x"}"#, "unique.key")] {
                let jobs = #"{"jobs":[{"kind":"noop"},{"kind":"noop",\#(fields)}]}"#
                let batch = try await post(client, "/batches", jobs)
                let problem: Problem = try batch.decode()
                #expect(problem.errors?.map(\.field) == ["jobs.1.\(field)"], "\(batch.text)")
            }
            #expect(try await system.count("SELECT count(*) FROM jobs") == 0)
        }
    }

    @Test func `a unique job is answered with the one that stands`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let body = #"{"kind":"noop","unique":{"key":"calendar:1","on_conflict":"coalesce"}}"#
            let first: JobRow = try await post(client, "/jobs", body).decode()
            let second: JobRow = try await post(client, "/jobs", body).decode()
            #expect(first.deduplicated == nil && second.deduplicated == true && first.id == second.id)
            let third = try await post(client, "/jobs", body, [(name: "Idempotency-Key", value: "\"q\"")])
            let replay = try await post(client, "/jobs", body, [(name: "Idempotency-Key", value: "q")])
            let (thirdJob, replayed): (JobRow, JobRow) = (try third.decode(), try replay.decode())
            #expect(thirdJob.id == first.id && replayed.id == first.id)
            #expect(replay.headers.first("idempotency-replayed") == "true")
        }
    }

    @Test func `a burst of syncs is one running and one trailing, one after the other`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let body = #"{"kind":"noop","payload":{"sleep_ms":3000},"unique":{"key":"cal:1","on_conflict":"coalesce"}}"#
            let first = try await client.post("/jobs", body)
            while try await system.count("SELECT count(*) FROM jobs WHERE state = 'running'") == 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
            let burst = try await withThrowingTaskGroup(of: JobID.self) { group in
                for _ in 0..<30 { group.addTask { try await client.post("/jobs", body).id } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(burst.count == 1 && !burst.contains(first.id))
            for id in burst { #expect(try await client.end(of: id).state == .succeeded) }
            let overlapping = """
                SELECT count(*) FROM jobs AS one JOIN jobs AS other ON one.seq < other.seq
                WHERE other.started_at < one.finished_at
                """
            #expect(try await system.count(overlapping) == 0)
            #expect(try await system.count("SELECT count(*) FROM jobs") == 2)
        }
    }

    @Test func `a job's end makes the jobs that follow`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let job = try await client.post("/jobs", #"{"kind":"noop","payload":{"follow_ups":2}}"#)
            #expect(try await client.end(of: job.id).state == .succeeded)
            let followUps = try await system.owner.query(
                Statement("test.follow_ups", "SELECT id FROM jobs WHERE parent_id = $1"), [.uuid(job.id.uuid)])
            #expect(followUps.count == 2)
            for row in followUps { #expect(try await client.end(of: JobID(try row.uuid(0))).state == .succeeded) }
        }
    }

    @Test func `a request whose key is being worked on gets 409 at once`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let key = [(name: "Idempotency-Key", value: "k")]
            // Another gateway has this key in a transaction that has not ended.
            let answer = try await system.owner.transaction { transaction in
                let held = Statement(
                    "test.hold",
                    """
                    SELECT pg_advisory_xact_lock(hashtextextended('idempotency ' || $1::uuid || ' ' || 'k', 0)) IS NULL
                    """)
                _ = try await transaction.query(held, [.uuid(system.tenant.uuid)])
                return try await post(client, "/jobs", #"{"kind":"noop"}"#, key)
            }
            #expect(answer.status == 409 && answer.headers.first("retry-after") == "1", "\(answer.text)")
            #expect(try await post(client, "/jobs", #"{"kind":"noop"}"#, key).status == 202)
        }
    }

    @Test func `a batch over HTTP runs, ends and calls back`() async throws {
        struct BatchView: Decodable {
            var id: String
            var job_ids: [JobID]
            var counts: [String: Int]
            var finished_at: String?
            var callback_job_id: JobID?
        }
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let bad = #"{"kind":"noop","payload":{"failures":1,"fail_with":"permanent"}}"#
            let body =
                #"{"jobs":[{"kind":"noop"},\#(bad),{"kind":"noop","payload":{"sleep_ms":300}}],"#
                + #""callback":{"kind":"noop","queue":"chat"}}"#
            let key = [(name: "Idempotency-Key", value: "batch")]
            let answer = try await post(client, "/batches", body, key)
            #expect(answer.status == 202, "\(answer.text)")
            let batch: BatchView = try answer.decode()
            let again: BatchView = try await post(client, "/batches", body, key).decode()
            #expect(batch.job_ids.count == 3 && again.id == batch.id && again.job_ids == batch.job_ids)
            let ended: BatchView = try await client.send("GET", "/api/v1/batches/\(batch.id)?wait=30").decode()
            #expect(ended.finished_at != nil && ended.counts["succeeded"] == 2 && ended.counts["failed"] == 1)
            let callback = try #require(ended.callback_job_id)
            #expect(try await client.end(of: callback).state == .succeeded)
            for (body, status) in [
                (#"{"jobs":[]}"#, 422), (#"{}"#, 422), (#"{"jobs":[{"kind":"noop"}],"callback":{"kind":"x"}}"#, 422),
                (#"{"jobs":[{"kind":"noop"}],"callback":{"kind":"noop","delay_seconds":3}}"#, 422),
            ] {
                #expect(try await post(client, "/batches", body).status == status, "\(body)")
            }
            #expect(try await client.send("GET", "/api/v1/batches/nope").status == 404)
        }
    }

    @Test func `a failed job comes back over HTTP, and control says no in words`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let body = #"{"kind":"noop","payload":{"failures":1,"fail_with":"permanent"}}"#
            let job = try await client.post("/jobs", body)
            #expect(try await client.end(of: job.id).state == .failed)
            #expect(try await client.send("POST", "/api/v1/jobs/\(job.id)/retry").status == 202)
            let ended = try await client.end(of: job.id)
            #expect(ended.state == .succeeded && ended.attempt == 2)
            #expect(try await client.send("POST", "/api/v1/jobs/\(job.id)/retry").status == 409)
            #expect(try await client.send("POST", "/api/v1/jobs/\(job.id)/discard").status == 409)
            #expect(try await client.send("POST", "/api/v1/jobs/\(JobID.make())/retry").status == 404)
            for path in ["/jobs/retry", "/jobs/discard", "/jobs/cancel"] {
                #expect(try await post(client, path, "{}").status == 422, "\(path)")
                #expect(try await post(client, path, #"{"state":"succeeded"}"#).status == 422, "\(path)")
                #expect(try await post(client, path, #"{"kind":"noop","limit":1001}"#).status == 422, "\(path)")
            }
            _ = try await client.end(of: try await client.post("/jobs", body).id)
            let back = try await post(client, "/jobs/retry", #"{"state":"failed","failure_code":"asked_to_fail"}"#)
            #expect(back.text == #"{"retried":1,"more":false}"#)
            let slow = try await client.post("/jobs", #"{"kind":"noop","payload":{"sleep_ms":60000}}"#)
            let later = try await client.post("/jobs", #"{"kind":"noop","delay_seconds":3600}"#)
            while try await system.count("SELECT count(*) FROM jobs WHERE state = 'running'") == 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
            let cancelled = try await post(client, "/jobs/cancel", #"{"kind":"noop"}"#)
            #expect(cancelled.text == #"{"cancelled":1,"cancelling":1,"more":false}"#)
            #expect(try await client.end(of: slow.id).state == .cancelled)
            #expect(try await client.end(of: later.id).state == .cancelled)
        }
    }
}
