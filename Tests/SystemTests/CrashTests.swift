import Domain
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct CrashTests {
    @Test func `kill -9 of the worker in mid-answer: a new attempt within seconds, and one final answer`() async throws
    {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let workers = [try await system.startWorker(), try await system.startWorker()]
            let job = try await client.ask("tell me [[sim: tokens=60 delay_ms=40]]")
            var transcript = Transcript()
            var killedAt: ContinuousClock.Instant?
            var backAfter: Duration?
            try await client.follow(job.id) { event in
                try transcript.apply(event)
                if transcript.ids.count == 10, killedAt == nil {
                    try await #require(try await system.worker(running: job.id, of: workers)).killNow()
                    killedAt = .now
                }
                if transcript.attempts.count == 2, backAfter == nil, let killedAt { backAfter = .now - killedAt }
                return false
            }
            let ended = try await client.end(of: job.id)
            #expect(ended.state == .succeeded)
            #expect(transcript.attempts == [1, 2])
            #expect(transcript.text == ended.result?.text)
            #expect(transcript.ends == 1)
            #expect(try #require(backAfter) < .seconds(8))
            print("kill -9 to a visible new attempt: \(backAfter.map(String.init(describing:)) ?? "never")")
            #expect(try await system.count("SELECT count(*) FROM messages WHERE role = 'assistant'") == 1)
        }
    }

    @Test func `a worker that was stopped and comes back is not believed`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let workers = [try await system.startWorker(), try await system.startWorker()]
            let job = try await client.ask("tell me [[sim: tokens=120 delay_ms=40]]")
            var transcript = Transcript()
            let zombie = Box<ServerProcess?>(nil)
            try await client.follow(job.id) { event in
                try transcript.apply(event)
                if transcript.ids.count == 10, zombie.value == nil {
                    let runner = try #require(try await system.worker(running: job.id, of: workers))
                    zombie.change { $0 = runner }
                    runner.signal(SIGSTOP)
                }
                // The second attempt runs: now the first one goes on as if nothing had been.
                if transcript.attempts.count == 2 { zombie.value?.signal(SIGCONT) }
                return false
            }
            let ended = try await client.end(of: job.id)
            #expect(ended.state == .succeeded)
            #expect(ended.attempt == 2)
            #expect(transcript.attempts == [1, 2])
            #expect(transcript.text == ended.result?.text)
            #expect(Set(transcript.ids).count == transcript.ids.count)
            #expect(try await system.count("SELECT count(*) FROM messages WHERE role = 'assistant'") == 1)
            // It starts a new life, and works.
            #expect(
                await zombie.value?.line { $0.contains("declared dead") || $0.contains("cannot be reached") } != nil)
        }
    }

    @Test func `kill -9 of the gateway right after a 202: the job still runs`() async throws {
        try await TestSystem.with { system in
            let (gateway, client) = try await system.startGateway()
            let accepted = Box<[JobID]>([])
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        while let job = try? await client.post("/jobs", #"{"kind":"noop"}"#) {
                            accepted.change { $0.append(job.id) }
                            if accepted.value.count >= 400 { await gateway.killNow() }
                        }
                    }
                }
            }
            #expect(accepted.value.count >= 400)
            let (_, second) = try await system.startGateway()
            _ = try await system.startWorker()
            for id in accepted.value { #expect(try await second.end(of: id).state == .succeeded) }
        }
    }

    @Test func `FLUSHALL with a thousand queued jobs: all are done, none twice`() async throws {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        try await TestSystem.with(redisURL: redis.url) { system in
            let (_, client) = try await system.startGateway()
            var ids: [JobID] = []
            for _ in 0..<1000 { ids.append(try await client.post("/jobs", #"{"kind":"noop"}"#).id) }
            await server.killNow()
            let empty = try await redis.start()
            for _ in 0..<2 { _ = try await system.startWorker() }
            for id in ids {
                let ended = try await client.end(of: id)
                #expect(ended.state == .succeeded && ended.attempt == 1)
            }
            await empty.killNow()
        }
    }

    @Test func `Redis is lost in mid-answer: the answer ends, and its reader has all of it`() async throws {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        try await TestSystem.with(redisURL: redis.url) { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let job = try await client.ask("tell me [[sim: tokens=100 delay_ms=40]]")
            var transcript = Transcript()
            let restarted = Box<ServerProcess?>(nil)
            var late = Transcript()
            try await client.follow(job.id) { event in
                try transcript.apply(event)
                if transcript.ids.count == 10, restarted.value == nil {
                    await server.killNow()
                    let again = try await redis.start()
                    restarted.change { $0 = again }
                }
                return false
            }
            try await client.follow(job.id) { event in
                try late.apply(event)
                return false
            }
            let ended = try await client.end(of: job.id)
            #expect(ended.state == .succeeded)
            #expect(ended.attempt == 1)
            #expect(transcript.text == ended.result?.text)
            #expect(late.text == ended.result?.text)
            await restarted.value?.killNow()
        }
    }
}
