import Synchronization

/// Lets one of several callers that want the same do it for all: those who come while it is being done wait, and the
/// first of them then does it for all that have come. Nobody waits for company, so a single caller loses nothing.
final class Coalescing<Key: Hashable & Sendable, Answer: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Turn, Never>

    private enum Turn: Sendable {
        /// Do it for so many, of which one is yourself.
        case lead(waiters: [Waiter])
        case told(Answer)
    }

    /// For each key that somebody is busy with, those who wait.
    private let waiting = Mutex<[Key: [Waiter]]>([:])

    /// - Parameter act: does it for so many callers at once, and gives an answer for each. It must not throw, and must
    ///   end: others wait for it.
    func perform(_ key: Key, _ act: @Sendable (_ callers: Int) async -> [Answer]) async -> Answer {
        let isFirst = waiting.withLock { waiting in
            if waiting[key] != nil { return false }
            waiting[key] = []
            return true
        }
        switch isFirst ? .lead(waiters: []) : await join(key) {
        case .told(let answer): return answer
        case .lead(let followers):
            let answers = await act(followers.count + 1)
            precondition(answers.count == followers.count + 1, "somebody would wait for ever")
            for (follower, answer) in zip(followers, answers.dropFirst()) { follower.resume(returning: .told(answer)) }
            handOver(key)
            return answers[0]
        }
    }

    /// Waits for the next turn; it may be over since `perform` looked, and then it is this caller's.
    private func join(_ key: Key) async -> Turn {
        await withCheckedContinuation { continuation in
            let isMine = waiting.withLock { waiting in
                if waiting[key] == nil {
                    waiting[key] = []
                    return true
                }
                waiting[key]?.append(continuation)
                return false
            }
            if isMine { continuation.resume(returning: .lead(waiters: [])) }
        }
    }

    private func handOver(_ key: Key) {
        let next = waiting.withLock { waiting -> [Waiter] in
            let next = waiting[key] ?? []
            waiting[key] = next.isEmpty ? nil : []
            return next
        }
        next.first?.resume(returning: .lead(waiters: Array(next.dropFirst())))
    }
}
