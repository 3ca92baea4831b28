import Testing

@testable import Redis

/// The state machine alone: no server, no clock.
struct CommandPipelineTests {
    private typealias Pipeline = CommandPipeline<Int>
    private let start = ContinuousClock.now

    /// Entries of 10 bytes each, with waiters 0, 1, 2 …
    private func pipeline(_ count: Int, replies: Int = 1, timeout: Duration = .seconds(5)) -> Pipeline {
        var pipeline = Pipeline()
        append(to: &pipeline, 0..<count, replies: replies, timeout: timeout)
        return pipeline
    }

    private func append(
        to pipeline: inout Pipeline, _ waiters: Range<Int>, replies: Int = 1, timeout: Duration = .seconds(5)
    ) {
        var submissions = waiters.map {
            Pipeline.Submission(
                waiter: $0, identifier: UInt64($0 + 1), name: "C\($0)", byteCount: 10, replyCount: replies,
                timeout: timeout)
        }
        var bytes = waiters.flatMap { [UInt8](repeating: UInt8($0), count: 10) }
        pipeline.append(&submissions, bytes: &bytes, now: start)
        #expect(submissions.isEmpty && bytes.isEmpty)
    }

    private func output(_ pipeline: Pipeline) -> [UInt8] { pipeline.withOutput { Array($0) } }

    @Test func `replies go to the commands in order`() throws {
        var pipeline = pipeline(3)
        pipeline.wrote(30, now: start)
        for waiter in 0..<3 { #expect(try pipeline.receive(.integer(waiter))?.waiter == waiter) }
        #expect(pipeline.isEmpty)
        #expect(pipeline.takeReleased() == (3, 30))
    }

    @Test func `a reply nobody asked for is a violation`() {
        var pipeline = pipeline(1)
        #expect(throws: RedisError.self) { try pipeline.receive(.null) }
    }

    @Test(arguments: 0...30)
    func `a break after any number of bytes loses what was begun and keeps the rest`(written: Int) {
        var pipeline = pipeline(3)
        pipeline.wrote(written, now: start)
        let begun = (written + 9) / 10
        let casualties = pipeline.lose()
        #expect(casualties.map(\.waiter) == Array(0..<begun))
        #expect(!casualties.contains { !$0.wasSent })
        #expect(output(pipeline) == (begun..<3).flatMap { [UInt8](repeating: UInt8($0), count: 10) })
        #expect(pipeline.removeAll().map(\.waiter) == Array(begun..<3))
        #expect(pipeline.isEmpty && !pipeline.hasOutput)
        #expect(pipeline.takeReleased() == (3, 30))
    }

    @Test(arguments: 0...30)
    func `an expired command is taken out of the output unless it was begun`(written: Int) throws {
        var pipeline = pipeline(3, timeout: .seconds(1))
        pipeline.wrote(written, now: start)
        append(to: &pipeline, 3..<4, timeout: .seconds(9))
        let casualties = pipeline.expire(now: start + .seconds(1))
        let begun = (written + 9) / 10
        #expect(casualties.map(\.waiter) == [0, 1, 2])
        #expect(casualties.map(\.wasSent) == (0..<3).map { $0 < begun })
        #expect(output(pipeline).count == begun * 10 - written + 10)
        #expect(output(pipeline).suffix(10) == [UInt8](repeating: 3, count: 10)[...])
        pipeline.wrote(output(pipeline).count, now: start)
        // Replies of the expired ones come late and go to nobody.
        for _ in 0..<begun { #expect(try pipeline.receive(.null)?.waiter == nil) }
        #expect(try pipeline.receive(.integer(3))?.waiter == 3)
        #expect(pipeline.isEmpty)
        #expect(pipeline.takeReleased() == (4, 40))
    }

    @Test func `several commands in one entry are answered as one`() throws {
        var pipeline = pipeline(2, replies: 3)
        pipeline.wrote(20, now: start)
        #expect(try pipeline.receive(.integer(1))?.waiter == nil)
        #expect(try pipeline.receive(.error("ERR no"))?.waiter == nil)
        let answer = try pipeline.receive(.integer(3))
        #expect(answer?.waiter == 0)
        #expect(answer?.reply == .array([.integer(1), .error("ERR no"), .integer(3)]))
        _ = try pipeline.receive(.integer(1))
        #expect(pipeline.lose().map(\.waiter) == [1])
        #expect(pipeline.takeReleased() == (6, 20))
    }

    @Test func `silence counts from the last byte, and only while something was sent`() {
        var pipeline = pipeline(2)
        let limit = Duration.seconds(2)
        #expect(!pipeline.isSilent(for: limit, now: start + .seconds(9)))
        pipeline.wrote(10, now: start)
        #expect(pipeline.isSilent(for: limit, now: start + .seconds(2)))
        pipeline.heard(now: start + .seconds(1))
        pipeline.wrote(10, now: start + .seconds(2))
        #expect(!pipeline.isSilent(for: limit, now: start + .seconds(2)))
        #expect(pipeline.isSilent(for: limit, now: start + .seconds(3)))
        #expect(pipeline.nextDeadline(silenceLimit: limit) == start + .seconds(3))
        #expect(pipeline.nextDeadline(silenceLimit: .seconds(60)) == start + .seconds(5))
    }

    @Test func `an abandoned command is removed when unsent and reported when sent`() {
        var unsent = pipeline(1)
        #expect(unsent.abandonOldest(7)?.waiter == nil)
        #expect(unsent.abandonOldest(1)?.wasSent == false)
        #expect(unsent.isEmpty && !unsent.hasOutput)
        var sent = pipeline(1)
        sent.wrote(1, now: start)
        #expect(sent.abandonOldest(1)?.wasSent == true)
        #expect(sent.abandonOldest(1)?.waiter == nil)
        #expect(sent.lose().isEmpty)
    }

    /// Random events against the one rule that matters: every waiter is told exactly once.
    @Test(arguments: 0..<50)
    func `every waiter is told exactly once, whatever happens`(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var pipeline = Pipeline()
        var (told, submitted, now) = ([Int](), 0, start)
        for _ in 0..<400 {
            now += .milliseconds(Int.random(in: 0..<400, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                var submission = [
                    Pipeline.Submission(
                        waiter: submitted, name: "C", byteCount: 5, replyCount: 1, timeout: .seconds(3))
                ]
                var bytes = [UInt8](repeating: 0, count: 5)
                pipeline.append(&submission, bytes: &bytes, now: now)
                submitted += 1
            case 4..<7:
                let count = Int.random(in: 0...output(pipeline).count, using: &random)
                if count > 0 { pipeline.wrote(count, now: now) }
            case 7, 8: if let answer = try? pipeline.receive(.null) { told.append(answer.waiter) }
            default:
                told += pipeline.expire(now: now).map(\.waiter)
                if Bool.random(using: &random) { told += pipeline.lose().map(\.waiter) }
            }
        }
        told += pipeline.removeAll().map(\.waiter)
        #expect(told.sorted() == Array(0..<submitted))
        #expect(pipeline.takeReleased() == (submitted, submitted * 5))
    }
}

/// A small generator with a seed (https://prng.di.unimi.it/splitmix64.c), so that a failing run can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
