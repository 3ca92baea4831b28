import FoundationEssentials
import Testing

/// The same model in a world too large to look at every state of it.
@Suite(.serialized) struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    /// LEASE_MODEL_SEED repeats one history, LEASE_MODEL_SEEDS runs so many.
    private var seeds: [UInt64] {
        if let one = Self.environment["LEASE_MODEL_SEED"].flatMap({ UInt64($0) }) { return [one] }
        return Array(1...(Self.environment["LEASE_MODEL_SEEDS"].flatMap { UInt64($0) } ?? 100))
    }

    /// 24 jobs, half of them below three ordering keys, and five processes.
    private static let world = LeaseScope(
        keys: (0..<24).map { $0.isMultiple(of: 2) ? nil : $0 % 3 }, workers: 14, processes: 5, faults: 100,
        kinds: Set(Fault.allCases), maxAttempts: 3, deadlyAttempts: 3, pieces: 3, stopSelfAfter: 2, deadAfter: 3)

    @Test func `long histories of many jobs and workers keep the promises and come to an end`() {
        let simulation = Simulation(model: LeaseProtocol(Self.world))
        var (steps, attempts, burials, longest, unfinished) = (0, 0, 0, 0, 0)
        for seed in seeds {
            let outcome = simulation.run(seed: seed)
            #expect(outcome.objection == nil, "\(outcome.report)")
            steps += outcome.actions.count
            attempts += outcome.attempts
            burials += outcome.burials
            longest = max(longest, outcome.stepsToEnd)
            unfinished += outcome.stepsToEnd > 0 ? 1 : 0
        }
        let jobs = seeds.count * Self.world.jobs
        print(
            "simulation: \(seeds.count) seeds, \(steps) steps, \(jobs) jobs, \(attempts) attempts, \(burials) burials, "
                + "at most \(longest) steps of peace to the end")
        // Histories in which nothing happens would prove nothing.
        #expect(attempts > jobs)
        #expect(burials >= seeds.count)
        #expect(unfinished > seeds.count / 2)
    }

    @Test(arguments: [
        (Flaw.settleNotFenced, "a settle of an attempt that is not the current one took effect"),
        (.eventsNumberedByJob, "a reader got text that no attempt wrote in this order"),
        (.claimIgnoresBurial, "a worker claimed a job after its burial"),
        (.noReconciler, "no end in sight"),
    ])
    func `a random history finds a broken rule, too`(flaw: Flaw, objection: String) {
        let simulation = Simulation(model: LeaseProtocol(Self.world, flaws: [flaw]), peaceSteps: 4000)
        let found = (1...100).lazy.map { simulation.run(seed: $0) }.first { $0.objection != nil }
        #expect(found?.objection == objection)
        if let found { print("simulation, broken (\(flaw)): seed \(found.seed), step \(found.actions.count)") }
    }

    @Test func `one seed is one history`() {
        let simulation = Simulation(model: LeaseProtocol(Self.world), chaosSteps: 300)
        let (first, second) = (simulation.run(seed: 7), simulation.run(seed: 7))
        #expect(first.actions == second.actions)
        #expect(first.last == second.last)
        #expect(simulation.run(seed: 8).actions != first.actions)
    }
}
