import Testing

@testable import Redis

/// What sending commands again asks of the pipeline.
struct CommandPipelineRetryTests {
    private typealias Pipeline = CommandPipeline<Int>
    private let start = ContinuousClock.now

    private func append(to pipeline: inout Pipeline, _ waiter: Int, milliseconds: Int) {
        var submissions = [
            Pipeline.Submission(
                waiter: waiter, name: "C", byteCount: 10, replyCount: 1, timeout: .milliseconds(milliseconds))
        ]
        var bytes = [UInt8](repeating: UInt8(waiter), count: 10)
        pipeline.append(&submissions, bytes: &bytes, now: start)
    }

    private func output(_ pipeline: Pipeline) -> [UInt8] { pipeline.withOutput { Array($0) } }

    @Test(arguments: [0, 10, 20, 30])
    func `a command with less time left than those before it ends in its time`(written: Int) throws {
        var pipeline = Pipeline()
        for (waiter, limit) in [500, 100, 500].enumerated() { append(to: &pipeline, waiter, milliseconds: limit) }
        pipeline.wrote(written, now: start)
        #expect(pipeline.nextDeadline(silenceLimit: .seconds(9)) == start + .milliseconds(100))
        let casualties = pipeline.expire(now: start + .milliseconds(100))
        #expect(casualties.map(\.waiter) == [1])
        #expect(casualties.first?.wasSent == (written > 10))
        pipeline.wrote(pipeline.withOutput { $0.count }, now: start)
        #expect(try pipeline.receive(.integer(0))?.waiter == 0)
        if written > 10 { #expect(try pipeline.receive(.integer(1))?.waiter == nil) }
        #expect(try pipeline.receive(.integer(2))?.waiter == 2)
        #expect(pipeline.isEmpty)
        #expect(pipeline.takeReleased() == (3, 30))
    }

    @Test func `an overtaking command that got its reply leaves the others their own time`() throws {
        var pipeline = Pipeline()
        for (waiter, limit) in [500, 100, 400].enumerated() { append(to: &pipeline, waiter, milliseconds: limit) }
        pipeline.wrote(30, now: start)
        #expect(try pipeline.receive(.null)?.waiter == 0)
        #expect(try pipeline.receive(.null)?.waiter == 1)
        #expect(pipeline.expire(now: start + .milliseconds(399)).isEmpty)
        #expect(pipeline.expire(now: start + .milliseconds(450)).map(\.waiter) == [2])
        #expect(try pipeline.receive(.null)?.waiter == nil)
        append(to: &pipeline, 3, milliseconds: 500)
        pipeline.wrote(10, now: start)
        #expect(try pipeline.receive(.null)?.waiter == 3)
    }

    @Test func `held, it finishes what was begun and begins nothing`() throws {
        var pipeline = Pipeline()
        for waiter in 0..<3 { append(to: &pipeline, waiter, milliseconds: 500) }
        pipeline.wrote(5, now: start)
        pipeline.isHeld = true
        #expect(output(pipeline) == [UInt8](repeating: 0, count: 5) && pipeline.awaitsReply)
        pipeline.wrote(5, now: start)
        #expect(!pipeline.hasOutput)
        #expect(try pipeline.receive(.null)?.waiter == 0)
        #expect(!pipeline.awaitsReply)
        #expect(pipeline.lose().isEmpty)
        #expect(output(pipeline).count == 20)
    }

    @Test(arguments: [0, 5, 10, 15])
    func `what was not begun can be handed back, and the rest goes on`(written: Int) throws {
        var pipeline = Pipeline()
        for waiter in 0..<3 { append(to: &pipeline, waiter, milliseconds: 500) }
        pipeline.wrote(written, now: start)
        let begun = (written + 9) / 10
        #expect(pipeline.removeUnsent().map(\.waiter) == Array(begun..<3))
        #expect(output(pipeline).count == begun * 10 - written)
        append(to: &pipeline, 7, milliseconds: 500)
        pipeline.wrote(output(pipeline).count, now: start)
        for waiter in 0..<begun { #expect(try pipeline.receive(.null)?.waiter == waiter) }
        #expect(try pipeline.receive(.null)?.waiter == 7)
    }
}
