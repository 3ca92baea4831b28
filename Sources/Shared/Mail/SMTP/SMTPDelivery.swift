import CCurl
internal import Synchronization

/// One mail on its way, from the task that waits for its end to the thread that sends it.
final class SMTPDelivery: Sendable {
    typealias Waiter = CheckedContinuation<Void, any Error>

    private enum Stage {
        case made
        case cancelledBefore
        case waiting(Waiter)
        case sending(Waiter, SMTPSession.Waker, isCancelled: Bool)
        case ended
    }

    let from: String
    let to: String
    let bytes: [UInt8]
    let deadline: ContinuousClock.Instant
    private let stage = Mutex(Stage.made)

    init(from: String, to: String, bytes: [UInt8], deadline: ContinuousClock.Instant) {
        self.from = from
        self.to = to
        self.bytes = bytes
        self.deadline = deadline
    }

    /// False when it was cancelled before anybody could wait for it; the waiter then knows.
    func wait(_ waiter: Waiter) -> Bool {
        let isWaiting = stage.withLock { stage in
            guard case .made = stage else {
                stage = .ended
                return false
            }
            stage = .waiting(waiter)
            return true
        }
        if !isWaiting { waiter.resume(throwing: SMTPError.cancelled) }
        return isWaiting
    }

    /// True when nobody has begun to send it: it has ended then.
    func cancel() -> Bool {
        let (waiter, isUnsent) = stage.withLock { stage -> (Waiter?, Bool) in
            switch stage {
            case .made:
                stage = .cancelledBefore
                return (nil, false)
            case .waiting(let waiter):
                stage = .ended
                return (waiter, true)
            case .sending(let waiter, let waker, _):
                stage = .sending(waiter, waker, isCancelled: true)
                // Under the lock, which keeps it before the end of the handle: see `end`.
                waker.wake()
                return (nil, false)
            case .cancelledBefore, .ended:
                return (nil, false)
            }
        }
        waiter?.resume(throwing: SMTPError.cancelled)
        return isUnsent
    }

    /// False when it was cancelled meanwhile.
    func begin(_ waker: SMTPSession.Waker) -> Bool {
        stage.withLock { stage in
            guard case .waiting(let waiter) = stage else { return false }
            stage = .sending(waiter, waker, isCancelled: false)
            return true
        }
    }

    var isCancelled: Bool {
        stage.withLock { stage in
            if case .sending(_, _, let isCancelled) = stage { isCancelled } else { false }
        }
    }

    /// Tells who waits. Later calls do nothing. Nobody uses the waker any more.
    func end(_ result: Result<Void, SMTPError>) {
        let waiter = stage.withLock { stage -> Waiter? in
            switch stage {
            case .waiting(let waiter), .sending(let waiter, _, _):
                stage = .ended
                return waiter
            case .made, .cancelledBefore, .ended:
                return nil
            }
        }
        waiter?.resume(with: result.mapError { $0 })
    }
}
