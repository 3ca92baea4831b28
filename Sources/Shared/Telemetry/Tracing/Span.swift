package import Domain
internal import Synchronization

/// Something that takes time and may still go on. Copies are the same span; it goes to the collector at its first
/// `end`, and what is said about it later is lost. A span that is not recorded takes everything and keeps nothing.
package struct Span: Sendable {
    private final class Recording: Sendable {
        let record: Mutex<SpanRecord?>
        let queue: SpanQueue

        init(_ record: SpanRecord, _ queue: SpanQueue) {
            self.record = Mutex(record)
            self.queue = queue
        }
    }

    /// What children and outgoing requests carry. `nil` when tracing is off and nobody sent a context.
    package let context: TraceContext?
    private let recording: Recording?

    package var isRecorded: Bool { recording != nil }

    /// Passes the context on without being a span.
    init(passing context: TraceContext?) {
        self.context = context
        recording = nil
    }

    init(_ record: SpanRecord, into queue: SpanQueue) {
        context = record.context
        recording = Recording(record, queue)
    }

    package func set(_ key: String, _ value: @autoclosure () -> SpanAttribute) {
        guard let recording else { return }
        let value = value()
        recording.record.withLock { $0?.set(key, value) }
    }

    package func set(_ attributes: @autoclosure () -> SpanAttributes) {
        guard let recording else { return }
        let attributes = attributes()
        recording.record.withLock { record in
            for (key, value) in attributes { record?.set(key, value) }
        }
    }

    /// Marks the span as failed.
    ///
    /// - Parameters:
    ///   - type: a word of few values: a failure's code, a status, an error's type.
    ///   - message: for a person; without secrets and content.
    package func fail(_ type: String, message: String = "") {
        recording?.record.withLock {
            $0?.set("error.type", .string(type))
            $0?.hasFailed = true
            $0?.statusMessage = message
        }
    }

    /// Hands the span over. It never ends before it starts.
    package func end(at time: SpanTime = .now()) {
        guard let recording else { return }
        guard var ended = recording.record.withLock({ $0.take() }) else { return }
        ended.end = max(ended.start, time)
        recording.queue.append(ended)
    }
}
