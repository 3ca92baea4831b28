import Synchronization

/// Notices between the connection's thread and one reader. Bounded: on overflow what waits becomes one `.gap`.
final class SubscriptionBuffer: Sendable {
    enum Outcome: Sendable, Equatable {
        case notice(RedisNotice)
        case ended
        /// The reader gave up waiting; nothing was taken.
        case withdrawn
    }

    private struct State {
        var notices = FIFO<RedisNotice>()
        var isEnded = false
        var reader: (ticket: UInt64, continuation: CheckedContinuation<Outcome, Never>)?
        var lastTicket: UInt64 = 0
        var withdrawnTicket: UInt64 = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        precondition(capacity > 0, "a subscription needs room for one notice")
        self.capacity = capacity
    }

    func offer(_ notice: RedisNotice) {
        let reader = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            if state.isEnded { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader.continuation
            }
            if notice == .gap || state.notices.count >= capacity {
                // A gap makes everything before it stale: the reader will read the state anew.
                state.notices = FIFO()
                state.notices.append(.gap)
            } else {
                state.notices.append(notice)
            }
            return nil
        }
        reader?.resume(returning: .notice(notice))
    }

    /// What waits may still be read; then the end.
    func end() {
        let reader = state.withLock { state in
            state.isEnded = true
            defer { state.reader = nil }
            return state.reader?.continuation
        }
        reader?.resume(returning: .ended)
    }

    /// Names one wait, so that it can be withdrawn.
    func ticket() -> UInt64 {
        state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
    }

    /// The next notice. One reader at a time; a second one is a programmer's mistake.
    func next(_ ticket: UInt64) async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome? in
                    precondition(state.reader == nil, "a Redis subscription has one reader at a time")
                    if let notice = state.notices.popFirst() { return .notice(notice) }
                    if state.isEnded { return .ended }
                    if state.withdrawnTicket >= ticket { return .withdrawn }
                    state.reader = (ticket, continuation)
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            withdraw(ticket)
        }
    }

    /// Ends this wait without a notice, whether it has begun or not.
    func withdraw(_ ticket: UInt64) {
        let reader = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            state.withdrawnTicket = max(state.withdrawnTicket, ticket)
            guard let reader = state.reader, reader.ticket == ticket else { return nil }
            state.reader = nil
            return reader.continuation
        }
        reader?.resume(returning: .withdrawn)
    }
}
