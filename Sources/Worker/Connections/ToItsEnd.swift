/// Carries something out to its end, whatever becomes of the attempt that began it: an attempt that is cancelled,
/// drained or lost while a provider answers would throw away a refresh token that nobody can get again.
enum ToItsEnd {
    /// - Parameter body: ends by itself; nothing else ends it.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        // Without structure, so that cancellation does not reach it: awaited here, and bounded by the body's deadlines.
        let task = Task { try await body() }
        return try await task.value
    }

    /// Tries what a fault of a moment must not lose until it succeeds, or its time is over.
    /// - Parameter report: gets each failure.
    static func trying<Value>(
        for patience: Duration, pause: Duration = .milliseconds(500), _ report: (any Error) -> Void,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                return try await body()
            } catch {
                report(error)
                guard .now < deadline else { throw error }
                try await Task.sleep(for: pause)
            }
        }
    }
}
