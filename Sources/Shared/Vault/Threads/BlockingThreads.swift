import Synchronization
import Threads

/// A few threads of its own for calls that take long or block, so that none of them is made on the cooperative pool.
///
/// Bounded twice: at most `count` calls run, at most `maxWaiting` more wait; what comes then is refused at once. The
/// threads end when the last reference goes.
final class BlockingThreads: Sendable {
    /// Lives as long as a thread does.
    let mailbox: ThreadMailbox
    private let numbers = Atomic<UInt64>(0)

    /// - Throws: `library` when the system gives no thread.
    init(count: Int, maxWaiting: Int) throws(VaultError) {
        precondition(count > 0 && maxWaiting >= 0)
        let mailbox = ThreadMailbox(capacity: count + maxWaiting)
        self.mailbox = mailbox
        for started in 0..<count {
            do throws(NoThread) {
                try DetachedThread.start("passwords") { mailbox.work() }
            } catch {
                mailbox.stop(threads: started)
                throw .library(operation: "pthread_create", code: Int(error.errno))
            }
        }
        self.count = count
    }

    let count: Int

    deinit { mailbox.stop(threads: count) }

    /// Runs `body` on one of the threads.
    ///
    /// - Throws: what `body` throws; `VaultError.overloaded` when too many wait; `CancellationError` when the task was
    ///   cancelled before a thread took it. Once taken it runs to its end.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let number = numbers.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                let call = ThreadMailbox.Call(
                    number: number,
                    run: {
                        let result = Result { try body() }
                        return { continuation.resume(with: result) }
                    },
                    cancel: { continuation.resume(throwing: CancellationError()) })
                guard mailbox.add(call) else { return continuation.resume(throwing: VaultError.overloaded) }
                // The handler below may have run before there was anything to cancel.
                if Task.isCancelled { mailbox.cancel(number) }
            }
        } onCancel: {
            mailbox.cancel(number)
        }
    }

    /// The most calls that ever ran at once.
    var mostRunning: Int { mailbox.mostRunning }

    /// Calls that run or wait now.
    var load: Int { mailbox.load }
}
