import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing

@Suite(.serialized) struct ChatTests {
    @Test func `a message is answered through the queue, and the stream is the answer`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let job = try await client.ask("tell me [[sim: tokens=30 delay_ms=5]]")
            var transcript = Transcript()
            try await client.follow(job.id) { event in
                try transcript.apply(event)
                return false
            }
            let ended = try await client.end(of: job.id)
            #expect(ended.state == .succeeded)
            #expect(ended.attempt == 1)
            #expect(transcript.text == ended.result?.text)
            #expect(!transcript.text.isEmpty && transcript.ends == 1 && transcript.attempts == [1])
            #expect(Set(transcript.ids).count == transcript.ids.count)
        }
    }

    @Test func `a reader that reloads in mid-answer misses nothing and sees nothing twice`() async throws {
        try await TestSystem.with { system in
            let (gateway, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let job = try await client.ask("tell me [[sim: tokens=80 delay_ms=15]]")
            let constant = Box(Transcript())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await client.follow(job.id) { event in
                        try constant.change { try $0.apply(event) }
                        return false
                    }
                }
                // Leaves after every seventh event and comes back with its cursor.
                var reloading = Transcript()
                while reloading.ends == 0 {
                    var seen = 0
                    try await client.follow(job.id, after: reloading.cursor) { event in
                        try reloading.apply(event)
                        seen += 1
                        return seen >= 7
                    }
                }
                try await group.waitForAll()
                let ended = try await client.end(of: job.id)
                #expect(reloading.text == ended.result?.text)
                #expect(reloading.text == constant.value.text)
                #expect(Set(reloading.ids).count == reloading.ids.count)
                #expect(reloading.ids == constant.value.ids)
                #expect(reloading.snapshots == 0)
            }
            _ = gateway
        }
    }

    @Test func `messages of one conversation are answered in order, each knowing the answers before it`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            for _ in 0..<3 { _ = try await system.startWorker() }
            let first = try await client.ask("mark-one [[sim: tokens=40 delay_ms=10]]")
            let conversation = try #require(first.conversation_id)
            var jobs = [first]
            for word in ["two", "three", "four"] {
                jobs.append(try await client.ask("mark-\(word) [[sim: tokens=3]]", in: conversation))
            }
            var finished: [String] = []
            var answers: [String] = []
            for job in jobs {
                let ended = try await client.end(of: job.id)
                #expect(ended.state == .succeeded && ended.attempt == 1)
                finished.append(try #require(ended.finished_at))
                answers.append(try #require(ended.result?.text))
            }
            #expect(finished == finished.sorted())
            let last = try #require(try await system.providerRequests("mark-four").first)
            let said = last.messages.filter { $0.role == "assistant" }.map(\.content)
            #expect(said == Array(answers.prefix(3)))
        }
    }

    @Test func `stopping an answer closes the provider's socket and keeps what was said`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let job = try await client.ask("mark-stop [[sim: fault=endless delay_ms=20]]")
            var transcript = Transcript()
            var cancelledAt = 0.0
            try await client.follow(job.id) { event in
                try transcript.apply(event)
                if transcript.ids.count == 10, cancelledAt == 0 {
                    cancelledAt = Date().timeIntervalSince1970
                    let answer = try await client.send("POST", "/api/v1/jobs/\(job.id)/cancel")
                    #expect(answer.status == 202)
                }
                return false
            }
            let ended = try await client.end(of: job.id)
            #expect(ended.state == .cancelled)
            #expect(ended.result?.text == transcript.text)
            let closed = try #require(
                try await system.providerRequests("mark-stop", "&closed=true").first?.client_closed_at)
            #expect(closed - cancelledAt < 1)
            let partial = try await system.count(
                "SELECT count(*) FROM messages WHERE role = 'assistant' AND status = 'partial'")
            #expect(partial == 1)
            let again = try await client.send("POST", "/api/v1/jobs/\(job.id)/cancel")
            #expect(again.status == 200)
        }
    }

    @Test func `a stopped answer that is asked for again takes the place of what was said`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let job = try await client.ask("mark-again [[sim: tokens=8 delay_ms=20 fault=endless times=1]]")
            var isAsked = false
            try await client.follow(job.id) { event in
                if event.event == "delta", !isAsked {
                    isAsked = true
                    _ = try await client.send("POST", "/api/v1/jobs/\(job.id)/cancel")
                }
                return false
            }
            #expect(try await client.end(of: job.id).state == .cancelled)
            #expect(try await client.send("POST", "/api/v1/jobs/\(job.id)/retry").status == 202)
            let ended = try await client.end(of: job.id)
            #expect(ended.state == .succeeded && ended.attempt == 2, "\(ended)")
            let answers = "SELECT count(*) FROM messages WHERE role = 'assistant'"
            #expect(try await system.count(answers) == 1)
            #expect(try await system.count(answers + " AND status = 'complete'") == 1)
        }
    }

    @Test(arguments: [
        ("cut_after:4", JobState.succeeded), ("reset_after:4", .succeeded), ("end_after:4", .succeeded),
        ("no_finish", .succeeded), ("broken_json_after:3", .succeeded), ("error_after:3", .succeeded),
        ("500", .succeeded), ("503", .succeeded), ("529", .succeeded), ("hang_up", .succeeded),
        ("huge_frame_after:2", .succeeded),
    ])
    func `a provider that fails once is asked again, and there is one answer`(fault: String, state: JobState)
        async throws
    {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let job = try await client.ask("mark-fault [[sim: tokens=8 delay_ms=1 fault=\(fault) times=1]]")
            var transcript = Transcript()
            try await client.follow(job.id) { event in
                try transcript.apply(event)
                return false
            }
            let ended = try await client.end(of: job.id)
            #expect(ended.state == state)
            #expect(ended.attempt == 2 && ended.attempts_spent == 2)
            #expect(transcript.text == ended.result?.text)
            #expect(try await system.count("SELECT count(*) FROM messages WHERE role = 'assistant'") == 1)
        }
    }

    @Test func `a provider that says when is obeyed, at no attempt's cost`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let start = ContinuousClock.now
            let job = try await client.ask("later [[sim: tokens=4 fault=429 retry_after=2 times=1]]")
            let ended = try await client.end(of: job.id)
            #expect(ended.state == .succeeded)
            #expect(ended.attempt == 2 && ended.attempts_spent == 1)
            #expect(ContinuousClock.now - start >= .seconds(2))
        }
    }

    @Test(arguments: [
        ("401", "provider_rejected_credentials"), ("insufficient_quota", "provider_quota_exhausted"),
        ("context_length_exceeded", "context_too_long"),
    ])
    func `what the provider refuses for good fails at once, and says why`(fault: String, code: String) async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let job = try await client.ask("refused [[sim: fault=\(fault)]]")
            let ended = try await client.end(of: job.id)
            #expect(ended.state == .failed)
            #expect(ended.attempt == 1)
            #expect(ended.failure?.code == code)
        }
    }
}
