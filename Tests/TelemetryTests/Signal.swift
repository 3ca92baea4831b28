/// What one side of a test tells the other: values wait until they are taken.
struct Signal<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func send(_ value: Value) {
        continuation.yield(value)
    }

    /// `nil` when the task is cancelled.
    @discardableResult
    func next() async -> Value? {
        for await value in stream { return value }
        return nil
    }
}

extension Signal<Void> {
    func send() { send(()) }
}
