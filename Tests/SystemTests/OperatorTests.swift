import Domain
import Foundation
import Jobs
import Postgres
import TestSupport
import Testing

/// The operator's commands, as processes of their own.
@Suite(.serialized) struct OperatorTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    @Test func `a paused queue hands out nothing, and goes on when it is resumed`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            #expect(try await system.operate("queues", "pause", "default").status == 0)
            try await system.operatorSees(paused: true)
            let job = try await client.post("/jobs", #"{"kind": "noop"}"#)
            let waited = try await client.send("GET", "/api/v1/jobs/\(job.id)?wait=2")
            #expect(try waited.decode(APIClient.JobView.self).state == .queued)
            #expect(try await system.operate("queues", "resume", "default").status == 0)
            #expect(try await client.end(of: job.id).state == .succeeded)
            try await system.operatorSees(paused: false)
        }
    }

    @Test func `jobs are listed, shown and cancelled for all tenants`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let first = try await client.post("/jobs", #"{"kind": "noop", "payload": {"key": "k"}}"#)
            let second = try await client.post("/jobs", #"{"kind": "noop"}"#)
            let listed = try object(try await system.operate("jobs", "list", "--state", "queued", "--json").output)
            let jobs = try #require(listed["jobs"] as? [[String: Any]])
            #expect(jobs.compactMap { $0["id"] as? String } == ["\(second.id)", "\(first.id)"])
            #expect(jobs[0]["tenant"] as? String == "\(system.tenant)")

            let shown = try object(try await system.operate("jobs", "show", "\(first.id)", "--json").output)
            #expect(shown["ordering_key"] as? String == "noop:k")
            let sheet = try await system.operate("jobs", "show", "\(first.id)")
            #expect(sheet.status == 0 && sheet.output.contains("ordering key") && sheet.output.contains("noop:k"))

            let dry = try await system.operate("jobs", "cancel", "--queue", "default")
            #expect(dry.status == 64 && dry.output.contains("2 jobs pass the filter"))
            #expect(dry.output.contains("Nothing was done: repeat with --yes"))
            #expect(try await client.send("GET", "/api/v1/jobs/\(first.id)").text.contains(#""state":"queued""#))
            let cancelled = try await system.operate("jobs", "cancel", "--queue", "default", "--yes", "--json")
            #expect(cancelled.status == 0)
            #expect(try await client.end(of: first.id).state == .cancelled)
            #expect(try await client.end(of: second.id).state == .cancelled)
            let late = try await system.operate("jobs", "cancel", "\(first.id)", "\(JobID.make())")
            #expect(late.status == 65 && late.output.contains("not changed") && late.output.contains("no such job"))
        }
    }

    @Test func `dead jobs are retried, or put aside, by a filter over all tenants`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            for _ in 0..<3 { _ = try await client.post("/jobs", #"{"kind": "noop"}"#) }
            try await system.owner.script(
                """
                UPDATE jobs SET state = 'failed', attempt = 1, attempts_spent = 1, finished_at = now(), failure =
                    '{"kind": "permanent", "code": "broken", "message": "It broke.", "burns_attempt": true}'
                """)
            let dead = try object(try await system.operate("jobs", "list", "--state", "dead", "--json").output)
            let ids = try #require(dead["jobs"] as? [[String: Any]]).compactMap { $0["id"] as? String }
            #expect(ids.count == 3)
            #expect(try await system.operate("jobs", "discard", ids[0]).status == 0)
            let none = try await system.operate("jobs", "retry", "--failure-code", "other", "--yes", "--json")
            #expect(try #require(object(none.output)["jobs"] as? [Any]).isEmpty)
            let retried = try await system.operate("jobs", "retry", "--failure-code", "broken", "--yes")
            #expect(retried.status == 0 && !retried.output.contains(ids[0]))
            _ = try await system.startWorker()
            for id in ids.dropFirst() {
                #expect(try await client.end(of: #require(JobID(id))).state == .succeeded)
            }
            #expect(try await system.count("SELECT count(*) FROM job_retries WHERE retried_by LIKE 'operator %'") == 2)
            #expect(try await system.operate("jobs", "retry", ids[1]).status == 65, "it has succeeded")
        }
    }

    @Test func `a running job is cancelled through its worker`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let job = try await client.post("/jobs", #"{"kind": "noop", "payload": {"sleep_ms": 60000}}"#)
            while try await system.count("SELECT count(*) FROM jobs WHERE state = 'running'") == 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
            let workers = try object(try await system.operate("workers", "list", "--json").output)
            let living = try #require(workers["workers"] as? [[String: Any]])
            #expect(living.count == 1 && living[0]["running"] as? Int == 1)
            let answer = try await system.operate("jobs", "cancel", "\(job.id)")
            #expect(answer.status == 0 && answer.output.contains("cancelling"))
            #expect(try await client.end(of: job.id, within: 15).state == .cancelled)
        }
    }

    @Test func `limits, shares and gates are set, listed and taken away`() async throws {
        try await TestSystem.with { system in
            #expect(try await system.operate("queues", "limit", "chat", "--max-running", "7").status == 0)
            #expect(try await system.operate("limits", "set", "calendar", "1").status == 0)
            #expect(try await system.operate("limits", "list").output.contains("calendar"))
            #expect(try await system.operate("limits", "remove", "calendar").status == 0)
            #expect(try await system.operate("limits", "remove", "calendar").status == 65)
            let tenant = TenantID.make().description
            let share = try await system.operate(
                "tenants", "share", tenant, "--weight", "2.5", "--max-running", "4", "--json")
            #expect(try object(share.output)["weight"] as? Double == 2.5)
            let kept = try await system.operate("tenants", "share", tenant, "--max-running", "none", "--json")
            #expect(try object(kept.output)["weight"] as? Double == 2.5)
            #expect(try object(kept.output)["max_running"] is NSNull)
            try await system.owner.script(
                "INSERT INTO gates (key, closed_until, code) VALUES ('openai', now() + interval '1 h', 'rate_limited')")
            #expect(try await system.operate("gates", "list").output.contains("rate_limited"))
            #expect(try await system.operate("gates", "open", "openai").status == 0)
            #expect(try await system.operate("gates", "open", "openai").status == 65)
            let queues = try object(try await system.operate("queues", "list", "--json").output)
            let chat = try #require((queues["queues"] as? [[String: Any]])?.first { $0["name"] as? String == "chat" })
            #expect(chat["max_running"] as? Int == 7)
        }
    }

    @Test func `a sweep is one line for a crontab: it prints its job, and waits for it when asked`() async throws {
        try await TestSystem.with { system in
            let first = try await system.operate("sweep", "retention")
            #expect(first.status == 0)
            let id = try #require(JobID(first.output))
            #expect(try await system.operate("sweep", "retention").output == "\(id)", "one that waits does for both")
            _ = try await system.startWorker()
            let waited = try await system.operate("sweep", "retention", "--wait", "--json")
            #expect(waited.status == 0)
            #expect(try object(waited.output)["state"] as? String == "succeeded")
            #expect(try await system.count("SELECT count(*) FROM jobs WHERE id = '\(id)' AND state = 'succeeded'") == 1)
        }
    }

    @Test func `mistakes are said in words, with the statuses of sysexits`() async throws {
        try await TestSystem.with { system in
            #expect(try await system.operate("jobs", "show", "not-an-id").status == 64)
            #expect(try await system.operate("jobs", "cancel").status == 64)
            #expect(try await system.operate("jobs", "show", "\(JobID.make())").status == 65)
            let nowhere = try ServerProcess(
                "worker", ["jobs", "list"], environment: ["DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"])
            #expect(await nowhere.exit() == 69)
            let unset = try ServerProcess("worker", ["jobs", "list"], environment: ["DATABASE_URL": ""])
            #expect(await unset.exit() == 78)
            #expect(unset.lines.contains { $0.contains("DATABASE_URL is not set") })
        }
    }
}

extension TestSystem {
    /// Looks at the default queue as operators do.
    fileprivate func operatorSees(paused: Bool) async throws {
        let output = try await operate("queues", "list").output
        let line = output.split(separator: "\n").first { $0.hasPrefix("default") }
        #expect(line?.hasSuffix("paused") == paused, "\(output)")
    }
}
