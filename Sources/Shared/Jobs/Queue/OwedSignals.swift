import Logging
import Redis
import Synchronization

/// Channels whose readers are still to be told, because Redis was away when their rows changed. Without it a row that
/// changes between the moment when readers can hear again and the one when this process can speak again would be found
/// by nobody until the readers look for themselves.
final class OwedSignals: Sendable {
    private struct State {
        var channels: Set<String> = []
        var bell: AsyncStream<Void>.Continuation?
        var isEnding = false
    }

    /// Channels kept at most, about 10 MB. Readers of those beyond look for themselves before long: see `JobReader`.
    static let limit = 50_000
    /// Channels told in one go.
    static let batch = 1000
    /// Between two tries.
    static let pause = Duration.milliseconds(250)

    private let state = Mutex(State())

    private var isEnding: Bool { Task.isCancelled || state.withLock { $0.isEnding } }

    var count: Int { state.withLock { $0.channels.count } }

    func owe(_ channels: [String]) {
        let bell = state.withLock { state in
            for channel in channels.prefix(Self.limit - state.channels.count) { state.channels.insert(channel) }
            return state.bell
        }
        bell?.yield()
    }

    /// `run` tries once more, and returns.
    func end() {
        let bell = state.withLock { state in
            state.isEnding = true
            return state.bell
        }
        bell?.finish()
    }

    /// Tells them as soon as `tell` succeeds, until `end` or cancellation.
    func run(_ tell: ([String]) async throws -> Void) async {
        let (stream, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            state.bell = bell
            if state.isEnding { bell.finish() } else { bell.yield() }
        }
        for await _ in stream {
            while !isEnding, count > 0 {
                if await !pay(tell) { try? await Task.sleep(for: Self.pause) }
            }
        }
        _ = await pay(tell)
    }

    /// - Returns: false when they could not be told, and are owed still.
    private func pay(_ tell: ([String]) async throws -> Void) async -> Bool {
        let channels = state.withLock { state in
            let channels = Array(state.channels.prefix(Self.batch))
            state.channels.subtract(channels)
            return channels
        }
        guard !channels.isEmpty else { return true }
        do {
            try await tell(channels)
            return true
        } catch {
            owe(channels)
            return false
        }
    }
}
