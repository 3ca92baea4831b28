/// Carries something out to its end, whatever becomes of the attempt that began it: an attempt that is cancelled,
/// drained or lost while a provider answers would throw away a refresh token that nobody can get again.
enum ToItsEnd {
    /// - Parameter body: ends by itself; nothing else ends it.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        // Without structure, so that cancellation does not reach it: awaited here, and bounded by the body's deadlines.
        let task = Task { try await body() }
        return try await task.value
    }
}
