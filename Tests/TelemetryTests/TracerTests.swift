import Domain
import FoundationEssentials
import Testing

@testable import Telemetry

@Suite struct TracerTests {
    let queue = SpanQueue(limit: 100, batch: 100)
    var tracer: Tracer { Tracer(queue: queue, sampler: Sampler()) }

    @Test func `children are in their parent's trace and name it`() async throws {
        let remote = try #require(
            TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "a=1"))
        await tracer.span("outer", .server, parent: remote) { outer in
            await tracer.span("inner", .client, parent: outer.context, attributes: ["a": 1]) { inner in
                inner.set("b", "two")
                inner.set(["c": [1.5 < 2 ? "x" : "y"], "d": true])
            }
            #expect(outer.context?.tracestate == "a=1")
        }
        let spans = queue.takeBatch().records
        let (inner, outer) = (spans[0], spans[1])
        #expect(inner.parent == outer.context.spanID && outer.parent == remote.spanID)
        #expect(Set(spans.map(\.context.traceID)) == [remote.traceID])
        #expect(inner.attributes == ["a": 1, "b": "two", "c": ["x"], "d": true])
        #expect(outer.kind == .server && inner.kind == .client)
        #expect(inner.start >= outer.start && inner.end <= outer.end && inner.start <= inner.end)
    }

    @Test func `an actor's span runs on the actor`() async {
        actor Desk {
            var count = 0

            func work(_ tracer: Tracer) async -> Int {
                await tracer.span("work") { span in
                    count += 1
                    span.set("count", .int(count))
                    return count
                }
            }
        }
        #expect(await Desk().work(tracer) == 1)
        #expect(queue.takeBatch().records[0].attributes == ["count": 1])
    }

    @Test func `an error fails the span by its type, and passes through`() async {
        struct Refused: Error {}
        await #expect(throws: Refused.self) { try await tracer.span("a") { _ in throw Refused() } }
        await #expect(throws: CancellationError.self) { try await tracer.span("b") { _ in throw CancellationError() } }
        let spans = queue.takeBatch().records
        #expect(spans[0].hasFailed && spans[0].attributes["error.type"] == "Refused")
        #expect(!spans[1].hasFailed && spans[1].attributes["errand.cancelled"] == true)
    }

    @Test func `start and end may lie apart, and only the first end counts`() async throws {
        let start = SpanTime(Date(timeIntervalSince1970: 1_700_000_000.25))
        let span = tracer.start("wait", .consumer, links: [TraceContext.root(isSampled: true)], at: start)
        span.fail("quota", message: "later")
        span.end(at: SpanTime(unixNanoseconds: start.unixNanoseconds + 5))
        span.set("late", 1)
        span.end()
        let spans = queue.takeBatch().records
        #expect(spans.count == 1)
        #expect(spans[0].start.unixNanoseconds == 1_700_000_000_250_000_000)
        #expect(spans[0].end.unixNanoseconds == 1_700_000_000_250_000_005)
        #expect(spans[0].attributes == ["error.type": "quota"] && spans[0].statusMessage == "later")
        #expect(spans[0].links.count == 1 && spans[0].parent == nil)
    }

    @Test func `a span never ends before it starts`() {
        let start = SpanTime.now()
        tracer.start("a", at: start).end(at: SpanTime(unixNanoseconds: 1))
        #expect(queue.takeBatch().records[0].end == start)
    }

    @Test func `off, contexts pass through untouched and attributes are not computed`() async throws {
        let parent = TraceContext.root(isSampled: true)
        var computed = 0
        func attributes() -> SpanAttributes {
            computed += 1
            return [:]
        }
        await Tracer.off.span("a", parent: parent, attributes: attributes()) { #expect($0.context == parent) }
        await Tracer.off.span("a", attributes: attributes()) { #expect($0.context == nil) }
        #expect(computed == 0)
    }

    @Test func `what a parent left out is left out, and the context still travels`() async {
        let parent = TraceContext.root(isSampled: false)
        let span = tracer.start("a", parent: parent)
        span.end()
        #expect(!span.isRecorded && span.context?.traceID == parent.traceID && span.context?.isSampled == false)
        #expect(span.context?.spanID != parent.spanID)
        #expect(queue.takeBatch().records.isEmpty)
    }

    @Test(arguments: [
        ("always_on", 1.0, false), ("always_off", 0, false), ("traceidratio", 0.25, false),
        ("parentbased_always_on", 1, true), ("parentbased_always_off", 0, true),
        ("parentbased_traceidratio", 0.25, true),
    ])
    func `samplers have their standard names`(name: String, ratio: Double, isParentBased: Bool) throws {
        let sampler = try #require(Sampler(name: name, ratio: 0.25))
        #expect(sampler == Sampler(ratio: ratio, isParentBased: isParentBased))
        #expect(Sampler(name: "jaeger_remote", ratio: nil) == nil)
    }

    @Test func `a ratio records its part of the traces, always the same ones`() {
        var random = Seeded(state: 3)
        let sampler = Sampler(ratio: 0.1)
        let traces = (0..<10_000).map { _ in TraceID.random(using: &random) }
        let recorded = traces.filter { sampler.records($0, parent: nil) }
        #expect((900...1_100).contains(recorded.count))
        #expect(recorded.allSatisfy { Sampler(ratio: 0.2).records($0, parent: nil) })
        #expect(!traces.contains { Sampler(ratio: 0).records($0, parent: nil) })
        #expect(traces.allSatisfy { Sampler(ratio: 1).records($0, parent: nil) })
    }

    @Test func `a sampler that does not look at the parent changes the flag for those below`() {
        let tracer = Tracer(queue: queue, sampler: Sampler(ratio: 1, isParentBased: false))
        #expect(tracer.start("a", parent: .root(isSampled: false)).context?.isSampled == true)
        let off = Tracer(queue: queue, sampler: Sampler(ratio: 0, isParentBased: false))
        #expect(off.start("a", parent: .root(isSampled: true)).context?.isSampled == false)
    }

    @Test func `attributes, texts and links are bounded`() {
        let span = tracer.start("a", links: (0..<200).map { _ in .root(isSampled: true) })
        for index in 0..<200 { span.set("k\(index)", .string(String(repeating: "é", count: 4_000))) }
        span.set("k0", "again")
        span.end()
        let record = queue.takeBatch().records[0]
        #expect(record.attributes.count == 128 && record.droppedAttributes == 72)
        #expect(record.attributes["k0"] == "again")
        #expect(record.attributes["k1"] == .string(String(repeating: "é", count: 2_048)))
        #expect(record.links.count == 128 && record.droppedLinks == 72)
    }

    @Test func `a full queue drops what comes and says how much`() {
        let queue = SpanQueue(limit: 3, batch: 2)
        let tracer = Tracer(queue: queue, sampler: Sampler())
        for index in 0..<5 { tracer.start("s\(index)").end() }
        let first = queue.takeBatch()
        #expect(first.records.map(\.name) == ["s0", "s1"] && first.dropped == 2)
        let second = queue.takeBatch()
        #expect(second.records.map(\.name) == ["s2"] && second.dropped == 0)
    }

    @Test func `a job and a model call speak the conventions`() throws {
        let job = SpanAttributes.job(.process, .make(), kind: JobKind(rawValue: "noop"), queue: .chat, attempt: 2)
        #expect(job["messaging.system"] == "errand" && job["messaging.destination.name"] == "chat")
        #expect(job["messaging.operation.type"] == "process" && job["errand.job.attempt"] == 2)
        let call = SpanAttributes.model("gpt-x", provider: "openai", streams: true)
        #expect(call["gen_ai.operation.name"] == "chat" && call["gen_ai.request.model"] == "gpt-x")
        let answer = SpanAttributes.modelAnswer(
            finishReasons: ["stop"], inputTokens: 3, firstChunk: .milliseconds(250))
        #expect(
            answer == [
                "gen_ai.response.finish_reasons": ["stop"], "gen_ai.usage.input_tokens": 3,
                "gen_ai.response.time_to_first_chunk": 0.25,
            ])
    }
}
