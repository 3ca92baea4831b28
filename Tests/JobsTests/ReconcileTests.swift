import Domain
import Jobs
import Redis
import TestSupport
import Testing

@Suite struct ReconcileTests {
    private func forget(_ engine: Engine) async throws {
        let keys = [engine.stores.names.ready(.default), engine.stores.names.known(.default)]
        _ = try await engine.redis.send(RedisCommand(["DEL"] + keys.map { RedisWord($0) }))
    }

    @Test func `what Redis lost is pushed again, once and in order`() async throws {
        try await Engine.with { engine in
            let specification = try Noop().specification()
            let jobs = try await engine.store.insert(
                (0..<2500).map { _ in NewJob(tenant: .make(), specification: specification) })
            try await engine.queue.push(jobs.map { QueuedJob(id: $0.id, queue: $0.queue) })
            try await forget(engine)
            var position = 0
            try await engine.rescuer.scan(.default, from: &position, graceMilliseconds: 0)
            #expect(position == 0)
            #expect(try await engine.queue.depth(.default) == 2500)
            // A second round finds nothing to do.
            try await engine.rescuer.scan(.default, from: &position, graceMilliseconds: 0)
            #expect(try await engine.queue.depth(.default) == 2500)
            let worker = try await engine.register()
            var taken: [JobID] = []
            while case let part = try await engine.queue.take(upTo: 1000, from: .default, by: worker), !part.isEmpty {
                taken += part
            }
            #expect(taken == jobs.map(\.id))
        }
    }

    @Test func `ids that a worker holds are not pushed again`() async throws {
        try await Engine.with { engine in
            let job = try await engine.accept()
            let worker = try await engine.register()
            _ = try await engine.queue.take(upTo: 1, from: .default, by: worker)
            var position = 0
            try await engine.rescuer.scan(.default, from: &position, graceMilliseconds: 0)
            #expect(try await engine.queue.depth(.default) == 0)
            try await engine.queue.acknowledge([job.id], queue: .default, by: worker)
            try await engine.rescuer.scan(.default, from: &position, graceMilliseconds: 0)
            #expect(try await engine.queue.depth(.default) == 1)
        }
    }

    @Test func `a young job is given time to arrive`() async throws {
        try await Engine.with { engine in
            _ = try await engine.accept()
            try await forget(engine)
            var position = 0
            try await engine.rescuer.scan(.default, from: &position, graceMilliseconds: 60_000)
            #expect(try await engine.queue.depth(.default) == 0)
        }
    }
}
