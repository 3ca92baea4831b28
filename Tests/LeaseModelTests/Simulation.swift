/// One long random history of a model: chaos first, then peace, in which everything has to come to its end. The seed
/// decides all of it.
struct Simulation {
    struct Outcome {
        var seed: UInt64
        var steps = 0
        /// Steps of peace until the end.
        var stepsToEnd = 0
        var burials = 0
        var attempts = 0
        var actions: [LeaseAction] = []
        /// `nil` when all went well.
        var objection: String?
        var last: LeaseState

        /// The end of the history, and how to see it again.
        var report: String {
            let tail = actions.suffix(60).map { "  \($0)" }
            return (["LEASE_MODEL_SEED=\(seed): \(objection ?? "fine") after \(actions.count) steps; the last:"] + tail)
                .joined(separator: "\n")
        }
    }

    let model: LeaseProtocol
    var chaosSteps = 500
    /// Peace that lasts longer without an end is an objection.
    var peaceSteps = 20_000

    func run(seed: UInt64) -> Outcome {
        var random = SplitMix(state: seed)
        var state = model.initial
        var outcome = Outcome(seed: seed, last: state)
        while outcome.steps < chaosSteps, step(&state, &outcome, &random, isPeace: false) { outcome.steps += 1 }
        state.faultsLeft = 0
        while outcome.objection == nil, !model.isGoal(state) {
            outcome.stepsToEnd += 1
            guard outcome.stepsToEnd <= peaceSteps, step(&state, &outcome, &random, isPeace: true) else {
                outcome.objection = outcome.objection ?? "no end in sight"
                break
            }
        }
        outcome.attempts = state.rows.reduce(0) { $0 + Int($1.claims) }
        outcome.last = state
        return outcome
    }

    /// False when nothing more can happen, or something went wrong.
    private func step(
        _ state: inout LeaseState, _ outcome: inout Outcome, _ random: inout SplitMix, isPeace: Bool
    ) -> Bool {
        guard let action = choose(model.actions(in: state), &random, isPeace: isPeace) else { return false }
        let before = state
        model.apply(action, to: &state)
        outcome.actions.append(action)
        if case .bury = action { outcome.burials += 1 }
        outcome.objection = model.objection(toStepFrom: before, to: state) ?? model.objection(to: state)
        return outcome.objection == nil
    }

    /// One step in ten is a fault; what undoes a fault is rare, so that others notice it.
    private func choose(_ actions: [LeaseAction], _ random: inout SplitMix, isPeace: Bool) -> LeaseAction? {
        let faults = actions.filter(model.isFault)
        if !isPeace, !faults.isEmpty, random.below(10) == 0 { return faults[random.below(faults.count)] }
        let weighed = actions.filter { !model.isFault($0) }.map { ($0, weight($0, isPeace: isPeace)) }
        var place = random.below(max(1, weighed.reduce(0) { $0 + $1.1 }))
        for (action, weight) in weighed {
            if place < weight { return action }
            place -= weight
        }
        return nil
    }

    private func weight(_ action: LeaseAction, isPeace: Bool) -> Int {
        switch action {
        case .tick: 30
        case .resume, .reconnect: isPeace ? 10 : 1
        case .accept, .arrive: 1
        default: 10
        }
    }
}

/// SplitMix64: small, and the same on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
