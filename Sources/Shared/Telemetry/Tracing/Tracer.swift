package import Domain

/// Starts spans. Get one from `SpanExporter.tracer`; `off` records nothing and passes contexts on as they came.
package struct Tracer: Sendable {
    package static let off = Tracer(queue: nil, sampler: Sampler())

    private let queue: SpanQueue?
    private let sampler: Sampler

    init(queue: SpanQueue?, sampler: Sampler) {
        self.queue = queue
        self.sampler = sampler
    }

    /// Runs `body` as a span. When it throws, the span fails with the error's type; a cancellation is no failure.
    ///
    /// - Parameters:
    ///   - name: of few values: `process chat`, not an id.
    ///   - parent: `nil` begins a trace.
    ///   - links: contexts this span has to do with, without being below them.
    nonisolated(nonsending) package func span<Value>(
        _ name: String, _ kind: SpanKind = .internal, parent: TraceContext? = nil, links: [TraceContext] = [],
        attributes: @autoclosure () -> SpanAttributes = [:],
        _ body: nonisolated(nonsending) (Span) async throws -> Value
    ) async rethrows -> Value {
        let span = start(name, kind, parent: parent, links: links, attributes: attributes())
        defer { span.end() }
        do {
            return try await body(span)
        } catch {
            if error is CancellationError {
                span.set("errand.cancelled", true)
            } else {
                span.fail(String(describing: type(of: error)))
            }
            throw error
        }
    }

    /// A span whose end is elsewhere: call `end`. `attributes` are only computed for a span that is recorded.
    ///
    /// - Parameter time: may lie in the past, such as the moment a job was accepted.
    package func start(
        _ name: String, _ kind: SpanKind = .internal, parent: TraceContext? = nil, links: [TraceContext] = [],
        attributes: @autoclosure () -> SpanAttributes = [:], at time: SpanTime = .now()
    ) -> Span {
        guard let queue else { return Span(passing: parent) }
        let context = context(below: parent)
        guard context.isSampled else { return Span(passing: context) }
        var record = SpanRecord(
            name: name, kind: kind, context: context, parent: parent?.spanID, start: time, links: links)
        for (key, value) in attributes() { record.set(key, value) }
        return Span(record, into: queue)
    }

    private func context(below parent: TraceContext?) -> TraceContext {
        let context = parent?.child() ?? TraceContext.root(isSampled: true)
        var flags = context.flags
        if sampler.records(context.traceID, parent: parent) { flags.insert(.sampled) } else { flags.remove(.sampled) }
        return TraceContext(traceID: context.traceID, spanID: context.spanID, flags: flags, state: context.state)
    }
}
