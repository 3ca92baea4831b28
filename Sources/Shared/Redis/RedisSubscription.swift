/// The messages of one channel from the moment Redis confirmed the subscription. One reader at a time.
///
/// Ends when `cancel` was called or the subscriber closed. A cancelled task's wait returns nil without ending the
/// subscription; that ends, and Redis is told so, when the last copy of this value and of its iterators is gone.
package struct RedisSubscription: AsyncSequence, Sendable {
    package typealias Element = RedisNotice
    package typealias Failure = Never

    /// What a bounded wait came to.
    package enum Wait: Sendable, Equatable {
        case notice(RedisNotice)
        /// Nothing came in time, or the task was cancelled. No notice was lost.
        case timedOut
        case ended
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let subscription: RedisSubscription

        package mutating func next() async -> RedisNotice? { await subscription.next() }

        package mutating func next(isolation actor: isolated (any Actor)?) async -> RedisNotice? {
            await subscription.next()
        }
    }

    package let channel: String
    private let membership: SubscriptionMembership
    private let buffer: SubscriptionBuffer

    init(channel: String, membership: SubscriptionMembership, buffer: SubscriptionBuffer) {
        self.channel = channel
        self.membership = membership
        self.buffer = buffer
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(subscription: self) }

    /// The next notice; nil at the end or when the task is cancelled.
    package func next() async -> RedisNotice? {
        if case .notice(let notice) = await buffer.next(buffer.ticket()) { return notice }
        return nil
    }

    /// The next notice, waiting at most `duration`.
    package func next(within duration: Duration) async -> Wait {
        let ticket = buffer.ticket()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { [buffer] in
                // Cancelled as soon as a notice is there.
                try? await Task.sleep(for: duration)
                buffer.withdraw(ticket)
            }
            defer { group.cancelAll() }
            switch await buffer.next(ticket) {
            case .notice(let notice): return .notice(notice)
            case .withdrawn: return .timedOut
            case .ended: return .ended
            }
        }
    }

    /// Ends the subscription now; its sequence ends.
    package func cancel() {
        membership.cancel()
        buffer.end()
    }
}
