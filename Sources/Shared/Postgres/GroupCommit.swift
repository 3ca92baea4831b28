/// Joins calls: those that come while a statement runs wait, and go out together as the next one. No timer: with one
/// caller nothing waits.
///
/// A caller that is cancelled while it waits leaves with `cancelled` and has no effect. Once its batch has started,
/// cancellation does not reach it: its neighbours share the statement, and so the outcome it gets is always the true
/// one, at the latest after the statement's own timeout.
package final class GroupCommit<Input: Sendable, Output: Sendable>: Sendable {
    private struct Call {
        let input: Input
        let continuation: CheckedContinuation<Output, any Error>
    }

    private struct Queue {
        var waiting = WaitQueue<Call>()
        var lastNumber: UInt64 = 0
        var activeLanes = 0
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let lanes: Int
    private let maxBatch: Int
    private let maxWaiting: Int
    private let perform: @Sendable ([Input]) async throws -> [Output]
    private let queue = Monitor(Queue())

    /// `lanes`: batches under way at a time. `maxBatch`: calls in one batch. `maxWaiting`: calls that may wait for a
    /// batch. `perform`: one statement for all inputs, one output per input in their order.
    package init(
        lanes: Int = 2, maxBatch: Int, maxWaiting: Int, perform: @escaping @Sendable ([Input]) async throws -> [Output]
    ) {
        precondition(lanes > 0 && maxBatch > 0 && maxWaiting > 0, "a group commit needs room")
        self.lanes = lanes
        self.maxBatch = maxBatch
        self.maxWaiting = maxWaiting
        self.perform = perform
    }

    /// Calls that wait for a batch now, for metrics.
    package var waiting: Int { queue.withLock { $0.waiting.count } }

    package var isClosed: Bool { queue.withLock { $0.isClosed } }

    /// The output that belongs to this input. Throws `overloaded` when `maxWaiting` calls wait, `cancelled`, `closed`,
    /// or what `perform` threw. When that says that a value is at fault (`SQLState.isDataError`), the batch is halved
    /// until only the guilty calls fail; any other error fails the batch.
    package func submit(_ input: Input) async throws -> Output {
        let number = queue.withLock { queue in
            queue.lastNumber += 1
            return queue.lastNumber
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { enqueue(Call(input: input, continuation: $0), number) }
        } onCancel: {
            let call = queue.withLock { $0.waiting.remove(number: number) }
            call?.continuation.resume(throwing: PostgresError.cancelled)
        }
    }

    /// Refuses new calls and returns once all accepted ones have their outcome.
    package func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = queue.withLock { queue in
                queue.isClosed = true
                if queue.activeLanes > 0 { queue.closers.append(continuation) }
                return queue.activeLanes == 0
            }
            if isIdle { continuation.resume() }
        }
    }

    private func enqueue(_ call: Call, _ number: UInt64) {
        let (refusal, startsLane) = queue.withLock { queue -> (PostgresError?, Bool) in
            if Task.isCancelled { return (.cancelled, false) }
            if queue.isClosed { return (.closed, false) }
            if queue.waiting.count >= maxWaiting { return (.overloaded, false) }
            queue.waiting.append(call, number: number)
            guard queue.activeLanes < lanes else { return (nil, false) }
            queue.activeLanes += 1
            return (nil, true)
        }
        if let refusal { return call.continuation.resume(throwing: refusal) }
        // A lane belongs to no caller: a child task would hand its caller's cancellation to the whole batch. There are
        // at most `lanes` of them, each ends when nothing waits, and `close` waits for their end.
        if startsLane { Task { await runLane() } }
    }

    private func runLane() async {
        while let batch = nextBatch() { await run(batch[...]) }
    }

    /// Nil ends the lane. While anything waits, a lane is active: the last one sees an empty queue under the lock.
    private func nextBatch() -> [Call]? {
        let (batch, closers) = queue.withLock { queue -> ([Call], [CheckedContinuation<Void, Never>]) in
            let batch = queue.waiting.popFirst(maxBatch)
            if !batch.isEmpty { return (batch, []) }
            queue.activeLanes -= 1
            guard queue.activeLanes == 0 else { return ([], []) }
            defer { queue.closers = [] }
            return ([], queue.closers)
        }
        for closer in closers { closer.resume() }
        return batch.isEmpty ? nil : batch
    }

    private func run(_ batch: ArraySlice<Call>) async {
        do {
            let outputs = try await perform(batch.map(\.input))
            guard outputs.count == batch.count else {
                throw PostgresError.protocolViolation("\(outputs.count) outputs for \(batch.count) inputs")
            }
            for (call, output) in zip(batch, outputs) { call.continuation.resume(returning: output) }
        } catch let error as PostgresError where error.sqlState?.isDataError == true && batch.count > 1 {
            let middle = batch.startIndex + batch.count / 2
            await run(batch[..<middle])
            await run(batch[middle...])
        } catch {
            for call in batch { call.continuation.resume(throwing: error) }
        }
    }
}
