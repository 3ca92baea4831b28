internal import Synchronization

/// The ended spans that wait for the collector. Who ends a span never waits: beyond the limit it is dropped.
final class SpanQueue: Sendable {
    private struct State {
        var records: [SpanRecord] = []
        var dropped = 0
    }

    /// Yields when a batch is complete or `wake` is called; ends with `finish`.
    let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    private let state = Mutex(State())
    private let limit: Int
    private let batch: Int

    init(limit: Int, batch: Int) {
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.limit = limit
        self.batch = batch
    }

    func append(_ record: SpanRecord) {
        let isBatch = state.withLock { state in
            guard state.records.count < limit else {
                state.dropped += 1
                return false
            }
            state.records.append(record)
            return state.records.count == batch
        }
        if isBatch { waker.yield() }
    }

    func wake() { waker.yield() }

    func finish() { waker.finish() }

    /// The oldest spans, and how many were dropped since the last call.
    func takeBatch() -> (records: [SpanRecord], dropped: Int) {
        state.withLock { state in
            let records = Array(state.records.prefix(batch))
            state.records.removeFirst(records.count)
            defer { state.dropped = 0 }
            return (records, state.dropped)
        }
    }
}
