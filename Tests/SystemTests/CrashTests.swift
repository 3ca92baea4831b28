import Domain
import Foundation
import Postgres
import Redis
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

    @Test func `FLUSHALL with a thousand queued jobs, and again while they run: all are done, none twice`() async throws
    {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        let flush = RedisCommand(["FLUSHALL"])
        try await TestSystem.with(redisURL: redis.url) { system in
            let (_, client) = try await system.startGateway()
            let admin = RedisClient(configuration: try RedisConfiguration(url: redis.url), logger: TestStores.silent)
            var ids: [JobID] = []
            for _ in 0..<1000 {
                ids.append(try await client.post("/jobs", #"{"kind":"noop","payload":{"sleep_ms":10}}"#).id)
            }
            _ = try await admin.send(flush)
            for _ in 0..<2 { _ = try await system.startWorker(queues: "default", concurrency: 4) }
            // Some are done, most are in the lists again.
            _ = try await client.end(of: ids[100])
            _ = try await admin.send(flush)
            for id in ids {
                let ended = try await client.end(of: id)
                #expect(ended.state == .succeeded && ended.attempt == 1)
            }
            admin.close()
        }
        await server.killNow()
    }

    @Test func `Redis restarts empty with a thousand queued jobs: all are done, none twice`() async throws {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        try await TestSystem.with(redisURL: redis.url) { system in
            let (_, client) = try await system.startGateway()
            for _ in 0..<2 { _ = try await system.startWorker(queues: "default", concurrency: 4) }
            var ids: [JobID] = []
            for _ in 0..<1000 {
                ids.append(try await client.post("/jobs", #"{"kind":"noop","payload":{"sleep_ms":10}}"#).id)
            }
            await server.killNow()
            let empty = try await redis.start()
            for id in ids {
                let ended = try await client.end(of: id)
                #expect(ended.state == .succeeded && ended.attempt == 1)
            }
            await empty.killNow()
        }
    }

    /// Appends that Redis carried out although their answers were lost are the ones that are easily got wrong.
    @Test(arguments: ["CLIENT KILL", "SIGSTOP"])
    func `Redis stumbles in mid-answer: every reader has the whole text`(fault: String) async throws {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        try await TestSystem.with(redisURL: redis.url) { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let admin = RedisClient(configuration: try RedisConfiguration(url: redis.url), logger: TestStores.silent)
            let stumbles = Box(0)
            @Sendable func stumble() async throws {
                guard stumbles.value < (fault == "SIGSTOP" ? 1 : 5) else { return }
                stumbles.change { $0 += 1 }
                guard fault == "SIGSTOP" else {
                    _ = try? await admin.send(RedisCommand(["CLIENT", "KILL", "TYPE", "normal"]))
                    return
                }
                server.signal(SIGSTOP)
                // Longer than a command waits for its answer.
                try await Task.sleep(for: .milliseconds(5300))
                server.signal(SIGCONT)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let job = try await client.ask("tell me [[sim: tokens=300 delay_ms=30]]")
                        var transcript = Transcript()
                        try await client.follow(job.id) { event in
                            try transcript.apply(event)
                            if number == 0, transcript.ids.count % 20 == 10 { try await stumble() }
                            return false
                        }
                        var late = Transcript()
                        try await client.follow(job.id) { event in
                            try late.apply(event)
                            return false
                        }
                        let ended = try await client.end(of: job.id)
                        #expect(ended.state == .succeeded && ended.attempt == 1)
                        #expect(transcript.text == ended.result?.text)
                        #expect(late.text == ended.result?.text)
                    }
                }
                try await group.waitForAll()
            }
            #expect(stumbles.value > 0)
            admin.close()
        }
        await server.killNow()
    }

    @Test func `a worker cut off from the store stops its attempts before another one starts them`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let url = try #require(URLComponents(string: system.stores.databaseURL(as: "errand_worker")))
            let proxy = FreezableProxy(to: UInt16(try #require(url.port)))
            var through = url
            through.port = Int(proxy.port)
            _ = try await system.startWorker(["DATABASE_URL": try #require(through.string)])
            let job = try await client.ask("mark-cut [[sim: fault=endless delay_ms=20]]")
            var transcript = Transcript()
            let other = Box<ServerProcess?>(nil)
            try await client.follow(job.id) { event in
                try transcript.apply(event)
                if transcript.ids.count == 10, other.value == nil {
                    let worker = try await system.startWorker()
                    other.change { $0 = worker }
                    proxy.freeze()
                }
                return transcript.attempts.count == 2 && !transcript.text.isEmpty
            }
            #expect(transcript.attempts == [1, 2])
            let requests = try await system.providerRequests("mark-cut")
            let (first, second) = (try #require(requests.first), try #require(requests.dropFirst().first))
            #expect(try #require(first.client_closed_at) < second.at, "two workers asked the provider at the same time")
            _ = try await client.send("POST", "/api/v1/jobs/\(job.id)/cancel")
            #expect(try await client.end(of: job.id).state == .cancelled)
            proxy.close()
        }
    }

    @Test func `connections to PostgreSQL are cut under load: nothing is lost or done twice`() async throws {
        try await TestSystem.with { system in
            func through(_ role: String) throws -> (proxy: FreezableProxy, settings: [String: String]) {
                var url = try #require(URLComponents(string: system.stores.databaseURL(as: role)))
                let proxy = FreezableProxy(to: UInt16(try #require(url.port)))
                url.port = Int(proxy.port)
                return (proxy, ["DATABASE_URL": try #require(url.string)])
            }
            let (near, gatewaySettings) = try through("errand_gateway")
            let (far, workerSettings) = try through("errand_worker")
            let (_, client) = try await system.startGateway(gatewaySettings)
            for _ in 0..<2 {
                _ = try await system.startWorker(queues: "default", concurrency: 8, workerSettings)
            }
            let accepted = Box<[JobID]>([])
            let refused = Box(0)
            await withTaskGroup(of: Void.self) { group in
                for poster in 0..<4 {
                    group.addTask {
                        for number in 0..<200 {
                            do {
                                let body = #"{"kind":"noop","payload":{"sleep_ms":5}}"#
                                let job = try await client.post("/jobs", body)
                                accepted.change { $0.append(job.id) }
                            } catch {
                                refused.change { $0 += 1 }
                            }
                            if poster == 0, number % 10 == 5 {
                                near.cut()
                                far.cut()
                            }
                        }
                    }
                }
            }
            for id in accepted.value { #expect(try await client.end(of: id).state == .succeeded) }
            // What was refused may or may not be there; what was accepted is there once, and ran to one end.
            let found = try await system.count("SELECT count(*) FROM jobs")
            #expect((accepted.value.count...accepted.value.count + refused.value).contains(found))
            #expect(accepted.value.count + refused.value == 800)
            print("cut connections: \(accepted.value.count) accepted, \(refused.value) refused, \(found) in the table")
            near.close()
            far.close()
        }
    }
}
