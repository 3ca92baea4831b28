import Domain
import Redis
import TestSupport
import Testing

@testable import Jobs

@Suite struct SignalTests {
    private struct Broken: Error {}

    /// What is heard next on a job's channel.
    private func next(_ subscription: RedisSubscription) async -> RedisSubscription.Wait {
        await subscription.next(within: .seconds(30))
    }

    @Test func `readers hear of a change that happened while Redis was away, after it is back`() async throws {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        var configuration = try RedisConfiguration(url: redis.url)
        configuration.commandTimeout = .milliseconds(500)
        let client = RedisClient(configuration: configuration, logger: TestStores.silent)
        let subscriber = RedisSubscriber(configuration: configuration, logger: TestStores.silent)
        let names = RedisNames(prefix: "signals")
        let signals = JobSignals(redis: client, names: names, logger: TestStores.silent)
        let job = JobID.make()
        let heard = try await subscriber.subscribe(names.channel(job))
        await server.killNow()
        await signals.announce([job], through: Fuse())
        let again = try await redis.start()
        // Whatever readers do at a gap they have done before this process can speak again.
        #expect(await next(heard) == .notice(.gap))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await signals.run() }
            #expect(await next(heard) == .notice(.message(Array("state".utf8))))
            group.cancelAll()
        }
        client.close()
        subscriber.close()
        await again.killNow()
    }

    @Test func `what the fuse keeps from being announced is announced later`() async throws {
        try await Engine.with { engine in
            let announcer = engine.announcer
            await #expect(throws: Broken.self) { try await announcer.queue.fuse.run { throw Broken() } }
            let job = try await engine.accept()
            let batch = BatchID.make()
            let ofJob = try await engine.subscriber.subscribe(engine.stores.names.channel(job.id))
            let ofBatch = try await engine.subscriber.subscribe(engine.stores.names.channel(batch))
            let moved = JobTransition(job: QueuedJob(job), state: .succeeded, batch: batch)
            await announcer.announce([moved], settings: EngineSettings())
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await announcer.signals.run() }
                #expect(await next(ofJob) == .notice(.message(Array("state".utf8))))
                #expect(await next(ofBatch) == .notice(.message(Array("state".utf8))))
                group.cancelAll()
            }
        }
    }

    @Test func `what cannot be told is kept, up to a limit, and tried once more at the end`() async throws {
        let owed = OwedSignals()
        owed.owe((0..<OwedSignals.limit + 10).map { "channel-\($0)" })
        #expect(owed.count == OwedSignals.limit)
        let (tries, tried) = AsyncStream.makeStream(of: Int.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await owed.run { channels in
                    tried.yield(channels.count)
                    throw Broken()
                }
                tried.finish()
            }
            var count = 0
            for await _ in tries {
                count += 1
                if count == 2 { owed.end() }
            }
            #expect(count >= 3)
        }
        #expect(owed.count == OwedSignals.limit)
    }
}
