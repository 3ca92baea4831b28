import Synchronization

/// Where callers leave their commands for the connection's thread. Their bytes are joined here, so that what waits
/// goes out as one write.
final class CommandMailbox: Sendable {
    typealias Submission = CommandPipeline<ReplyContinuation>.Submission

    private struct Contents {
        var bytes: [UInt8] = []
        var submissions: [Submission] = []
        var pendingCommands = 0
        var pendingBytes = 0
        var isOwnerAsleep = false
        var isClosed = false
        /// The last command whose caller has gone, see `RedisBlockingClient`.
        var abandoned: UInt64 = 0
        var hasNewAbandoned = false
    }

    private enum Refusal: Error { case overloaded, closed, abandoned }

    private let contents = Mutex(Contents())
    private let wakeup: Wakeup
    private let maxPending: Int
    private let maxPendingBytes: Int

    init(wakeup: Wakeup, maxPending: Int, maxPendingBytes: Int) {
        self.wakeup = wakeup
        self.maxPending = maxPending
        self.maxPendingBytes = maxPendingBytes
    }

    /// What waits for its reply, in the mailbox and beyond.
    var pending: (commands: Int, bytes: Int) { contents.withLock { ($0.pendingCommands, $0.pendingBytes) } }

    /// Leaves a command, or several that are one submission. The continuation is resumed in every case.
    func submit(_ submission: Submission, _ commands: some Sequence<RedisCommand>) {
        let outcome = contents.withLock { contents -> Result<Bool, Refusal> in
            if contents.isClosed { return .failure(.closed) }
            let isAbandoned = submission.identifier != 0 && submission.identifier == contents.abandoned
            if isAbandoned { return .failure(.abandoned) }
            let hasRoom =
                contents.pendingCommands + submission.replyCount <= maxPending
                && contents.pendingBytes + submission.byteCount <= maxPendingBytes
            guard hasRoom else { return .failure(.overloaded) }
            contents.pendingCommands += submission.replyCount
            contents.pendingBytes += submission.byteCount
            for command in commands { contents.bytes.append(contentsOf: command.encoded) }
            contents.submissions.append(submission)
            defer { contents.isOwnerAsleep = false }
            return .success(contents.isOwnerAsleep)
        }
        switch outcome {
        case .success(let mustRing): if mustRing { wakeup.ring() }
        case .failure(.closed): submission.waiter.resume(throwing: RedisError.closed(isOutcomeUnknown: false))
        case .failure(.overloaded): submission.waiter.resume(throwing: RedisError.overloaded)
        case .failure(.abandoned): submission.waiter.resume(throwing: CancellationError())
        }
    }

    /// The caller of this submission has gone; also when the submission is still to come.
    func abandon(_ identifier: UInt64) {
        contents.withLock { contents in
            contents.abandoned = max(contents.abandoned, identifier)
            contents.hasNewAbandoned = true
            contents.isOwnerAsleep = false
        }
        wakeup.ring()
    }

    /// Swaps out what has come in. Returns the abandoned submission, if there is a new one.
    func take(_ submissions: inout [Submission], bytes: inout [UInt8]) -> UInt64? {
        contents.withLock { contents in
            contents.isOwnerAsleep = false
            swap(&contents.submissions, &submissions)
            swap(&contents.bytes, &bytes)
            defer { contents.hasNewAbandoned = false }
            return contents.hasNewAbandoned ? contents.abandoned : nil
        }
    }

    /// Commands and bytes that wait no more make room for others.
    func release(commands: Int, bytes: Int) {
        contents.withLock { contents in
            contents.pendingCommands -= commands
            contents.pendingBytes -= bytes
        }
    }

    /// True when nothing waits; the next caller will then ring.
    func ownerGoesToSleep() -> Bool {
        contents.withLock { contents in
            contents.isOwnerAsleep = contents.submissions.isEmpty && !contents.hasNewAbandoned
            return contents.isOwnerAsleep
        }
    }

    func close() { contents.withLock { $0.isClosed = true } }
}
