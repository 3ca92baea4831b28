/// A job being followed, which can be stopped alone.
final class Follow: Sendable {
    private typealias Signal = (stream: AsyncStream<Never>, continuation: AsyncStream<Never>.Continuation)
    private let stopping: Signal = AsyncStream.makeStream(of: Never.self)
    private let running: Signal = AsyncStream.makeStream(of: Never.self)

    /// Returns when the body has ended: nothing comes of it any more.
    func stop() async {
        stopping.continuation.finish()
        for await _ in running.stream {}
    }

    /// Runs a body to its end, or until it is stopped.
    func run(_ body: @Sendable @escaping () async throws -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await body() } catch {
                    // It was stopped, or the socket has closed.
                }
            }
            group.addTask { [stopping] in for await _ in stopping.stream {} }
            await group.next()
            group.cancelAll()
        }
        running.continuation.finish()
    }
}
