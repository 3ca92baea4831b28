/// How much of the world a check looks at.
struct LeaseScope {
    /// The ordering key of each job. `nil`: none.
    var keys: [Int?] = [nil]
    /// Registrations that something may remember at once.
    var workers = 3
    /// Processes that run at once.
    var processes = 2
    /// Faults in one history, of the kinds below.
    var faults: UInt8 = 2
    var kinds: Set<Fault> = []
    var maxAttempts = 2
    /// A job that takes so many workers down is failed.
    var deadlyAttempts: UInt8 = 2
    /// Pieces of text an attempt streams. 0: nobody streams.
    var pieces: UInt8 = 0
    /// The jobs are in the table and in the queue from the start.
    var startsAccepted = false
    /// In ticks.
    var stopSelfAfter: UInt8 = 1
    var deadAfter: UInt8 = 2

    var jobs: Int { keys.count }
}

enum Fault: Hashable, CaseIterable {
    case crash, pause, cutOff
    /// A call to PostgreSQL whose answer does not come: lost before it, after it, or much too late.
    case lateStore
    /// The same of Redis.
    case lateRedis
    case flush
    /// Redis restarts with what it had at some earlier moment.
    case rollback
    case failure, drain, cancel
}

/// One way to build the protocol wrong.
enum Flaw: Hashable {
    /// The fence of a settle.
    case settleFencedByWorkerOnly, settleFencedByAttemptOnly, settleNotFenced
    /// A claim does not ask whether its worker is registered.
    case claimIgnoresBurial
    /// Dead workers' jobs are looked for at their burial, and never again.
    case rescueOnlyAtBurial
    case burialIgnoresBeat
    /// An id leaves Redis when it is taken.
    case takeWithoutList
    /// Nobody compares the rows with the lists.
    case noReconciler
    /// The reconciler believes that an id in some worker's taken list will be claimed.
    case reconcilerTrustsTakenLists
    /// An event's id counts through the job, not through the attempt.
    case eventsNumberedByJob
    /// The store does not refuse a second running job of one ordering key.
    case noUniqueRunningKey
    /// A claim does not raise the attempt.
    case attemptNotRaised
}
