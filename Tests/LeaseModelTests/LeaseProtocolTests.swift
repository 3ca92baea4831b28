import FoundationEssentials
import Testing

/// Every state the protocol can get into within a scope keeps its promises, and from every one of them every job still
/// comes to its end once the faults stop.
@Suite(.serialized) struct LeaseProtocolTests {
    struct Check: CustomTestStringConvertible, Sendable {
        var name: String
        var scope: LeaseScope
        /// Fewer states than this would mean that the model lost a part of the protocol.
        var atLeast: Int
        var testDescription: String { name }
    }

    static let everything = Set(Fault.allCases)

    static let checks = [
        Check(
            name: "one job, one fault of any kind",
            scope: LeaseScope(workers: 2, faults: 1, kinds: everything, startsAccepted: true), atLeast: 50_000),
        Check(
            name: "two jobs of one ordering key, one crash",
            scope: LeaseScope(keys: [0, 0], workers: 2, faults: 1, kinds: [.crash]), atLeast: 20_000),
        Check(
            name: "two jobs of one ordering key, one lost or late call to Redis",
            scope: LeaseScope(keys: [0, 0], workers: 2, processes: 1, faults: 1, kinds: [.lateRedis]), atLeast: 5_000),
        Check(
            name: "two crashes", scope: LeaseScope(faults: 2, kinds: [.crash], startsAccepted: true), atLeast: 5_000),
        Check(
            name: "two freezes", scope: LeaseScope(workers: 2, faults: 2, kinds: [.pause], startsAccepted: true),
            atLeast: 20_000),
        Check(
            name: "two calls to PostgreSQL that are lost or late",
            scope: LeaseScope(workers: 2, faults: 2, kinds: [.lateStore], startsAccepted: true), atLeast: 10_000),
        Check(
            name: "a reader follows two attempts while Redis forgets or a worker freezes",
            scope: LeaseScope(
                workers: 2, faults: 1, kinds: [.pause, .flush, .lateRedis], pieces: 2, startsAccepted: true),
            atLeast: 20_000),
    ]

    /// Minutes, and about 1.3 GB for a million states: set LEASE_MODEL_DEEP to run them.
    static let deepChecks = [
        Check(
            name: "a freeze, and a call to PostgreSQL that is lost or late",
            scope: LeaseScope(workers: 2, faults: 2, kinds: [.pause, .lateStore], startsAccepted: true),
            atLeast: 100_000),
        Check(
            name: "two crashes or freezes",
            scope: LeaseScope(faults: 2, kinds: [.crash, .pause], startsAccepted: true), atLeast: 100_000),
        Check(
            name: "two jobs of one ordering key, one crash or lost message",
            scope: LeaseScope(keys: [0, 0], workers: 2, faults: 1, kinds: [.crash, .lateRedis]), atLeast: 100_000),
        Check(
            name: "a reader, two freezes or losses of Redis",
            scope: LeaseScope(
                workers: 2, faults: 2, kinds: [.pause, .flush], pieces: 1, startsAccepted: true),
            atLeast: 100_000),
        Check(
            name: "two jobs of one ordering key, one fault of any kind",
            scope: LeaseScope(keys: [0, 0], workers: 2, faults: 1, kinds: everything, startsAccepted: true),
            atLeast: 500_000),
        Check(
            name: "one job, two faults of any kind",
            scope: LeaseScope(faults: 2, kinds: everything, startsAccepted: true), atLeast: 1_000_000),
    ]

    @Test(arguments: checks) func `the protocol keeps its promises`(check: Check) { run(check) }

    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["LEASE_MODEL_DEEP"] != nil), arguments: deepChecks)
    func `the protocol keeps its promises in a larger world`(check: Check) { run(check) }

    private func run(_ check: Check) {
        let start = ContinuousClock.now
        let report = ModelChecker.check(LeaseProtocol(check.scope), limit: 10_000_000)
        let seconds = Int((ContinuousClock.now - start) / .seconds(1))
        print(
            "model: \(check.name): \(report.states) states, \(report.transitions) steps, \(report.goals) ends, "
                + "\(seconds) s")
        #expect(report.counterexample == nil, "\(report.counterexample.map(String.init(describing:)) ?? "")")
        #expect(report.states >= check.atLeast)
        #expect(report.goals > 0)
    }
}
