import Testing

/// The protocol with one rule taken out: the check has to notice, and to show how it goes wrong. Where another rule
/// makes good for it, that is shown as well.
@Suite(.serialized) struct BrokenProtocolTests {
    private func counterexample(
        _ scope: LeaseScope, _ flaws: Set<Flaw>, tolerating tolerated: Breaches = []
    ) -> ModelChecker<LeaseProtocol>.Found? {
        let model = LeaseProtocol(scope, flaws: flaws, tolerating: tolerated)
        let found = ModelChecker.check(model).counterexample
        let names = flaws.isEmpty ? ["late stop"] : flaws.map { "\($0)" }.sorted()
        if let found { print("broken (\(names.joined(separator: ", "))): \(found)") }
        return found
    }

    private let lost = "no way leads to the end any more"
    private let stale = "a settle of an attempt that is not the current one took effect"

    // MARK: The fence of a settle

    @Test(arguments: [Flaw.settleNotFenced, .settleFencedByAttemptOnly])
    func `without the worker in its fence a zombie's settle takes effect`(flaw: Flaw) {
        let scope = LeaseScope(workers: 2, faults: 1, kinds: [.pause], startsAccepted: true)
        #expect(counterexample(scope, [flaw])?.objection == stale)
    }

    @Test func `without the attempt in its fence a worker's older attempt takes effect`() {
        let scope = LeaseScope(workers: 2, faults: 1, kinds: [.lateStore], startsAccepted: true)
        #expect(counterexample(scope, [.settleFencedByWorkerOnly])?.objection == stale)
    }

    @Test func `a claim that does not raise the attempt is noticed`() {
        let scope = LeaseScope(workers: 2, faults: 1, kinds: [.crash], startsAccepted: true)
        #expect(counterexample(scope, [.attemptNotRaised])?.objection == "job 0 was claimed without a new attempt")
    }

    // MARK: Burial

    @Test func `without the lock on its row a buried worker claims`() {
        let scope = LeaseScope(workers: 2, faults: 1, kinds: [.pause], startsAccepted: true)
        let found = counterexample(scope, [.claimIgnoresBurial])
        #expect(found?.objection == "a worker claimed a job after its burial")
    }

    @Test func `a buried worker's claim is lost for ever where dead workers' jobs are looked for only once`() {
        let scope = LeaseScope(faults: 2, kinds: [.pause, .crash], startsAccepted: true)
        let found = counterexample(
            scope, [.claimIgnoresBurial, .rescueOnlyAtBurial], tolerating: .claimAfterBurial)
        #expect(found?.objection == lost)
        // Where a buried worker cannot claim, once is enough.
        let freeze = LeaseScope(workers: 2, faults: 1, kinds: [.pause], startsAccepted: true)
        #expect(counterexample(freeze, [.rescueOnlyAtBurial]) == nil)
    }

    @Test func `a burial that does not look at the beat buries one that has just spoken`() {
        let scope = LeaseScope(workers: 2, faults: 1, kinds: [.pause], startsAccepted: true)
        let found = counterexample(scope, [.burialIgnoresBeat])
        #expect(found?.objection == "a worker was buried that had been heard of a moment ago")
    }

    // MARK: Time

    private let stopsTooLate = LeaseScope(
        workers: 2, faults: 1, kinds: [.cutOff], pieces: 1, startsAccepted: true, stopSelfAfter: 4)

    @Test func `a worker that stops itself later than others bury it is robbed while it believes`() {
        let found = counterexample(stopsTooLate, [])
        #expect(found?.objection == "a worker was buried that ran all the time and still believed in itself")
    }

    @Test func `a worker that stops too late spoils the text of readers where the stream has no fence`() {
        let found = counterexample(stopsTooLate, [.eventsNumberedByJob], tolerating: .robbedBeliever)
        #expect(found?.objection == "a reader got text that no attempt wrote in this order")
        // The fences alone keep everything else true, whatever the clocks do.
        #expect(counterexample(stopsTooLate, [], tolerating: .robbedBeliever) == nil)
    }

    @Test func `events numbered by job let a zombie write into the next attempt's text`() {
        let scope = LeaseScope(workers: 2, faults: 1, kinds: [.pause], pieces: 1, startsAccepted: true)
        let found = counterexample(scope, [.eventsNumberedByJob])
        #expect(found?.objection == "a reader got text that no attempt wrote in this order")
    }

    // MARK: Redis

    @Test func `an id that leaves Redis when it is taken is saved by the reconciler, and by nothing else`() {
        let scope = LeaseScope(workers: 2, faults: 1, kinds: [.crash], startsAccepted: true)
        #expect(counterexample(scope, [.takeWithoutList, .noReconciler])?.objection == lost)
        #expect(counterexample(scope, [.takeWithoutList]) == nil)
        #expect(counterexample(scope, [.noReconciler]) == nil)
    }

    @Test func `without the reconciler a Redis that forgets loses jobs`() {
        let scope = LeaseScope(workers: 2, faults: 1, kinds: [.flush], startsAccepted: true)
        #expect(counterexample(scope, [.noReconciler])?.objection == lost)
    }

    @Test func `what a worker takes after its burial is lost where the reconciler trusts its list`() {
        let scope = LeaseScope(workers: 3, faults: 2, kinds: [.crash, .lateRedis], startsAccepted: true)
        #expect(counterexample(scope, [.reconcilerTrustsTakenLists])?.objection == lost)
    }

    // MARK: Order

    @Test func `without the unique index two jobs of one key run when their rows are written out of order`() {
        let scope = LeaseScope(keys: [0, 0], workers: 2, faults: 0)
        let found = counterexample(scope, [.noUniqueRunningKey])
        #expect(found?.objection == "jobs 0 and 1 of one key run at once")
    }
}
