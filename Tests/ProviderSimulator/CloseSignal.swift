import Foundation
import NIOCore
import Synchronization

/// Tells a request whether, and when, its client closed the socket; also the simulator's only way to wait, so that
/// nothing keeps running for a client that has gone.
final class CloseSignal: Sendable {
    private struct State {
        var closedAt: Date?
        var waiter: CheckedContinuation<Void, Never>?
        /// Tells the timer of an earlier wait from the timer of this one.
        var wait = 0
    }
    private let state = Mutex(State())

    var closedAt: Date? { state.withLock(\.closedAt) }

    func close() {
        let waiter = state.withLock { state in
            state.closedAt = state.closedAt ?? Date()
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Waits for the duration, or until the client closes. One waiter at a time.
    /// - Returns: true when the client is gone.
    func wait(_ duration: TimeAmount, on eventLoop: any EventLoop) async -> Bool {
        let wait = state.withLock { state in
            state.wait += 1
            return state.wait
        }
        let timer = eventLoop.scheduleTask(in: duration) { self.timeOut(wait) }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                // A wait of zero may have timed out before it is entered here: its number says so.
                if state.closedAt != nil || state.wait != wait { return true }
                state.waiter = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
        timer.cancel()
        return closedAt != nil
    }

    private func timeOut(_ wait: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.wait == wait else { return nil }
            state.wait += 1
            return state.waiter.take()
        }
        waiter?.resume()
    }
}

/// Sits in each connection's pipeline and fires its signal when the client's side closes, even in mid-response.
final class CloseWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    let signal = CloseSignal()

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { signal.close() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        signal.close()
        context.fireChannelInactive()
    }

    static func signal(of channel: any Channel) async throws -> CloseSignal {
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: CloseWatch.self).signal
        }.get()
    }
}
