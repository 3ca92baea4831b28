import Domain
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct DrainTests {
    private static func finished(by worker: ServerProcess) -> Int {
        worker.lines.count { $0.contains("attempt ended") && $0.contains("state=succeeded") }
    }

    @Test func `three workers share a queue; stopping one by SIGTERM loses and repeats nothing`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            var workers: [ServerProcess] = []
            for _ in 0..<3 { workers.append(try await system.startWorker(queues: "default", concurrency: 4)) }
            var ids: [JobID] = []
            for number in 0..<600 {
                ids.append(try await client.post("/jobs", #"{"kind":"noop","payload":{"sleep_ms":30}}"#).id)
                if number == 300 { workers[0].signal(SIGTERM) }
            }
            for id in ids {
                let ended = try await client.end(of: id)
                #expect(ended.state == .succeeded)
                #expect(ended.attempt == 1, "a finished or started job was repeated")
            }
            #expect(await workers[0].exit() == 0)
            let shares = workers.map(Self.finished)
            #expect(shares.reduce(0, +) == 600)
            #expect(shares.allSatisfy { $0 > 20 }, "\(shares)")
        }
    }

    @Test func `what is not done when the grace ends is handed back and costs no attempt`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let first = try await system.startWorker(["WORKER_DRAIN_SECONDS": "1"])
            let job = try await client.post("/jobs", #"{"kind":"noop","payload":{"sleep_ms":4000,"emit":40}}"#)
            var transcript = Transcript()
            let second = Box<ServerProcess?>(nil)
            try await client.follow(job.id) { event in
                try transcript.apply(event)
                if transcript.ids.count == 5, second.value == nil {
                    let worker = try await system.startWorker()
                    second.change { $0 = worker }
                    first.signal(SIGTERM)
                }
                return false
            }
            #expect(await first.exit() == 0)
            let ended = try await client.end(of: job.id)
            #expect(ended.state == .succeeded)
            #expect(ended.attempt == 2 && ended.attempts_spent == 1)
            #expect(transcript.attempts == [1, 2])
            #expect(transcript.text == ended.result?.text)
        }
    }

    @Test func `a gateway that stops lets its readers go on elsewhere`() async throws {
        try await TestSystem.with { system in
            let (first, client) = try await system.startGateway()
            let (_, other) = try await system.startGateway()
            _ = try await system.startWorker()
            let job = try await client.post("/jobs", #"{"kind":"noop","payload":{"sleep_ms":3000,"emit":60}}"#)
            var transcript = Transcript()
            try await client.follow(job.id) { event in
                try transcript.apply(event)
                if transcript.ids.count == 10 { first.signal(SIGTERM) }
                return false
            }
            #expect(transcript.ends == 0, "the stream outlived its gateway")
            #expect(await first.exit() == 0)
            try await other.follow(job.id, after: transcript.cursor) { event in
                try transcript.apply(event)
                return false
            }
            let ended = try await other.end(of: job.id)
            #expect(transcript.text == ended.result?.text)
            #expect(transcript.snapshots == 0)
            #expect(Set(transcript.ids).count == transcript.ids.count)
        }
    }
}
