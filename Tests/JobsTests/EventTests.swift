import Domain
import Foundation
import Jobs
import Redis
import TestSupport
import Testing

@Suite struct EventTests {
    private func emitter(_ engine: Engine, _ job: JobID, attempt: Int) -> EventEmitter {
        EventEmitter(log: engine.log, job: job, attempt: attempt, logger: TestStores.silent)
    }

    private func text(_ events: [PlacedEvent]) -> String {
        events.reduce(into: "") { text, placed in
            switch placed.event {
            case .attempt: text = ""
            case .delta(let piece): text += piece
            case .snapshot(let whole): text = whole
            case .progress: break
            }
        }
    }

    @Test func `a log holds what was emitted, by cursor`() async throws {
        try await Engine.with { engine in
            let job = JobID.make()
            let emitter = emitter(engine, job, attempt: 1)
            for piece in ["a", "", "b", "c"] { try await emitter.append(piece) }
            #expect(await emitter.lastSequence == 3)
            let all = try await engine.log.read(job, after: .start, limit: 10)
            #expect(all.map(\.event) == [.attempt(1), .delta("a"), .delta("b"), .delta("c")])
            #expect(all.map(\.cursor.sequence) == [0, 1, 2, 3])
            let rest = try await engine.log.read(job, after: EventCursor(attempt: 1, sequence: 2), limit: 10)
            #expect(rest.map(\.event) == [.delta("c")])
            #expect(try await engine.log.read(job, after: .start, limit: 2).count == 2)
        }
    }

    @Test func `Redis itself refuses what an older attempt writes`() async throws {
        try await Engine.with { engine in
            let job = JobID.make()
            let old = emitter(engine, job, attempt: 1)
            try await old.append("a")
            let new = emitter(engine, job, attempt: 2)
            try await new.open()
            await #expect(throws: AttemptLost.self) { try await old.append("b") }
            try await new.append("x")
            #expect(text(try await engine.log.read(job, after: .start, limit: 10)) == "x")
        }
    }

    @Test func `a log that was lost in mid-attempt is made whole by a snapshot`() async throws {
        try await Engine.with { engine in
            let job = JobID.make()
            let emitter = emitter(engine, job, attempt: 1)
            for piece in ["a", "b"] { try await emitter.append(piece) }
            var early = EventReader(after: .start)
            let seen = early.read(try await engine.log.read(job, after: .start, limit: 10))
            _ = try await engine.redis.send(RedisCommand(["DEL", RedisWord(engine.stores.names.events(job))]))
            for piece in ["c", "d"] { try await emitter.append(piece) }
            let left = try await engine.log.read(job, after: early.cursor, limit: 10)
            let rest = early.read(left)
            #expect(text(seen + rest) == "abcd")
            var late = EventReader(after: .start)
            #expect(text(late.read(try await engine.log.read(job, after: .start, limit: 10))) == "abcd")
        }
    }

    @Test func `an append that went through although its answer was lost costs no text`() async throws {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        var configuration = try RedisConfiguration(url: redis.url)
        configuration.commandTimeout = .milliseconds(200)
        let client = RedisClient(configuration: configuration, logger: TestStores.silent)
        let log = EventLog(redis: client, names: RedisNames(prefix: "lost-answer"))
        // Frozen after each of the first events in turn: what is sent then is carried out later, unanswered.
        for frozenAfter in 0..<4 {
            let job = JobID.make()
            let emitter = EventEmitter(log: log, job: job, attempt: 1, logger: TestStores.silent)
            var whole = ""
            for number in 0..<8 {
                if number == frozenAfter { server.signal(SIGSTOP) }
                whole += "\(number) "
                try await emitter.append("\(number) ")
                if number == frozenAfter { server.signal(SIGCONT) }
                // Half of them end within the second in which nothing is written, half after it.
                if number == 6, frozenAfter % 2 == 0 { try await Task.sleep(for: .milliseconds(1200)) }
            }
            try await client.ping()
            var reader = EventReader(after: .start)
            let seen = reader.read(try await log.read(job, after: .start, limit: 100))
            let last = try #require(await emitter.lastSequence)
            if reader.hasAll(attempt: 1, lastSequence: last) { #expect(text(seen) == whole) }
            #expect(frozenAfter % 2 == 1 || reader.hasAll(attempt: 1, lastSequence: last))
        }
        client.close()
        await server.killNow()
    }

    @Test func `an attempt that streams too much fails for good`() async throws {
        try await Engine.with { engine in
            let emitter = emitter(engine, .make(), attempt: 1)
            try await emitter.append(String(repeating: "x", count: EventEmitter.maxTextBytes))
            let failure = await #expect(throws: Failure.self) { try await emitter.append("x") }
            #expect(failure?.code == "output_too_large")
        }
    }

    @Test func `a follower of a job that ended gets the whole text even without a log`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            let worker = try await engine.register()
            _ = try await engine.store.claim([job.id], by: worker)
            let done = Settlement(state: .succeeded, result: Array("{\"text\":\"whole\"}".utf8))
            _ = try await engine.store.settle(
                [Settling(job: job.id, attempt: 1, settlement: done, lastSequence: 4)], by: worker)
            for cursor in [EventCursor.start, EventCursor(attempt: 1, sequence: 2)] {
                var items: [PlacedEvent] = []
                var ended: Job?
                try await engine.reader.follow(job, after: cursor) { item in
                    switch item {
                    case .event(let event): items.append(event)
                    case .end(let job): ended = job
                    case .stillThere: Issue.record("waited for nothing")
                    }
                }
                #expect(items == [PlacedEvent(cursor: EventCursor(attempt: 1, sequence: 4), event: .snapshot("whole"))])
                #expect(ended?.state == .succeeded)
            }
        }
    }

    @Test func `a follower sees every event of a job that runs, and its end`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            let worker = try await engine.register()
            _ = try await engine.store.claim([job.id], by: worker)
            let emitter = emitter(engine, job.id, attempt: 1)
            try await withThrowingTaskGroup(of: [PlacedEvent].self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        var seen: [PlacedEvent] = []
                        try await engine.reader.follow(job, after: .start) { item in
                            if case .event(let event) = item { seen.append(event) }
                        }
                        return seen
                    }
                }
                for number in 1...300 { try await emitter.append("\(number) ") }
                let whole = await emitter.text
                let done = Settlement(state: .succeeded, result: Array("{\"text\":\"\(whole)\"}".utf8))
                let settling = Settling(
                    job: job.id, attempt: 1, settlement: done, lastSequence: await emitter.lastSequence)
                #expect(try await engine.store.settle([settling], by: worker) == [.succeeded])
                await engine.signals.announce([job.id], through: Fuse())
                for try await seen in group {
                    #expect(seen.count == 301)
                    #expect(text(seen) == whole)
                }
            }
        }
    }
}
