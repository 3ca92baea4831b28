/// A serial executor that owns one thread. An actor that names it as its executor may call blocking C: nothing blocks
/// the cooperative pool.
///
/// The thread keeps the executor alive until `stop`, which the owning actor calls in its `deinit`: no job can come
/// later.
final class ThreadExecutor: SerialExecutor {
    private struct Mailbox {
        var jobs: [UnownedJob] = []
        var isAsleep = false
        var isStopped = false
    }

    private let mailbox = Monitor(Mailbox())

    /// Throws `connect` when the system gives no thread.
    init() throws(PostgresError) {
        try PostgresThread.start("pg-connection") { [self] in work() }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isAsleep = mailbox.withLock { mailbox in
            mailbox.jobs.append(job)
            defer { mailbox.isAsleep = false }
            return mailbox.isAsleep
        }
        if isAsleep { mailbox.signal() }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// What is queued still runs; then the thread ends.
    func stop() {
        mailbox.withLock { $0.isStopped = true }
        mailbox.signal()
    }

    private func work() {
        var batch: [UnownedJob] = []
        let executor = asUnownedSerialExecutor()
        while take(&batch) {
            for job in batch { job.runSynchronously(on: executor) }
            batch.removeAll(keepingCapacity: true)
        }
    }

    /// Swaps the queued jobs into `batch`; sleeps while there are none. False when stopped and empty.
    private func take(_ batch: inout [UnownedJob]) -> Bool {
        mailbox.wait { mailbox in
            mailbox.isAsleep = mailbox.jobs.isEmpty && !mailbox.isStopped
            if mailbox.isAsleep { return nil }
            swap(&mailbox.jobs, &batch)
            return !batch.isEmpty
        }
    }
}
