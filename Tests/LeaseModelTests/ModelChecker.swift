/// A system to be checked: its states, and what may happen in each of them.
protocol Model {
    associatedtype State: Hashable
    associatedtype Action: CustomStringConvertible

    var initial: State { get }
    /// Everything that may happen now.
    func actions(in state: State) -> [Action]
    func apply(_ action: Action, to state: inout State)
    /// True for what liveness must not rely on: faults are possible, never necessary.
    func isFault(_ action: Action) -> Bool
    /// What is wrong with a state. `nil` when nothing is.
    func objection(to state: State) -> String?
    /// What is wrong with a step, whatever action made it. `nil` when nothing is.
    func objection(toStepFrom before: State, to after: State) -> String?
    /// Where everything is to end up.
    func isGoal(_ state: State) -> Bool
}

/// How a system gets from its initial state to where it is wrong.
struct Counterexample<State, Action: CustomStringConvertible>: CustomStringConvertible {
    var objection: String
    var actions: [Action]
    var state: State

    var description: String {
        let steps = actions.enumerated().map { "  \($0.offset + 1). \($0.element)" }
        return (["\(objection), after:"] + steps).joined(separator: "\n")
    }
}

/// Looks at every state a model can get into, nearest first, so that a counterexample is as short as can be.
struct ModelChecker<Checked: Model> {
    typealias State = Checked.State
    typealias Found = Counterexample<State, Checked.Action>

    struct Report {
        var states: Int
        var transitions: Int
        /// States in which everything has ended well.
        var goals: Int
        var counterexample: Found?
    }

    let model: Checked
    private var states: [State] = []
    private var numbers: [State: Int32] = [:]
    private var parents: [Int32] = []
    /// Steps that are no faults, as pairs: from, to.
    private var fairSteps: [(from: Int32, to: Int32)] = []
    private var transitions = 0

    init(_ model: Checked) { self.model = model }

    /// - Parameter limit: more states than this are a mistake in the model, and trap.
    static func check(_ model: Checked, limit: Int = 3_000_000) -> Report {
        var checker = Self(model)
        var found = checker.explore(limit: limit)
        let goals = checker.states.indices.filter { model.isGoal(checker.states[$0]) }
        if found == nil { found = checker.stuckState(goals: goals) }
        return Report(
            states: checker.states.count, transitions: checker.transitions, goals: goals.count, counterexample: found)
    }

    /// Safety: the nearest state or step that the model objects to.
    private mutating func explore(limit: Int) -> Found? {
        _ = number(of: model.initial, parent: -1)
        if let objection = model.objection(to: model.initial) { return counterexample(objection, at: 0) }
        var next = 0
        while next < states.count {
            precondition(states.count < limit, "the model does not end")
            if let found = expand(next) { return found }
            next += 1
        }
        return nil
    }

    private mutating func expand(_ index: Int) -> Found? {
        let state = states[index]
        for action in model.actions(in: state) {
            var after = state
            model.apply(action, to: &after)
            transitions += 1
            if let objection = model.objection(toStepFrom: state, to: after) {
                return counterexample(objection, at: index, then: (action, after))
            }
            let (number, isNew) = number(of: after, parent: Int32(index))
            if !model.isFault(action) { fairSteps.append((Int32(index), number)) }
            if isNew, let objection = model.objection(to: after) { return counterexample(objection, at: Int(number)) }
        }
        return nil
    }

    private mutating func number(of state: State, parent: Int32) -> (Int32, isNew: Bool) {
        let new = Int32(states.count)
        let number = numbers[state, default: new]
        guard number == new else { return (number, false) }
        numbers[state] = new
        states.append(state)
        parents.append(parent)
        return (new, true)
    }

    /// Liveness: the nearest state from which no fault-free way leads to a goal.
    private func stuckState(goals: [Int]) -> Found? {
        let (starts, sources) = stepsBackward()
        var isLive = [Bool](repeating: false, count: states.count)
        var open = goals
        for goal in goals { isLive[goal] = true }
        while let index = open.popLast() {
            for source in sources[starts[index]..<starts[index + 1]] where !isLive[Int(source)] {
                isLive[Int(source)] = true
                open.append(Int(source))
            }
        }
        return isLive.firstIndex(of: false).map { counterexample("no way leads to the end any more", at: $0) }
    }

    /// The fair steps by where they lead: those into state `n` come from `sources[starts[n]..<starts[n + 1]]`.
    private func stepsBackward() -> (starts: [Int], sources: [Int32]) {
        var starts = [Int](repeating: 0, count: states.count + 1)
        for step in fairSteps { starts[Int(step.to) + 1] += 1 }
        for index in 0..<states.count { starts[index + 1] += starts[index] }
        var places = starts
        var sources = [Int32](repeating: 0, count: fairSteps.count)
        for step in fairSteps {
            sources[places[Int(step.to)]] = step.from
            places[Int(step.to)] += 1
        }
        return (starts, sources)
    }

    private func counterexample(
        _ objection: String, at index: Int, then last: (Checked.Action, State)? = nil
    ) -> Found {
        var path = [index]
        while parents[path[path.count - 1]] >= 0 { path.append(Int(parents[path[path.count - 1]])) }
        path.reverse()
        var actions = zip(path, path.dropFirst()).map { action(from: states[$0], to: states[$1]) }
        if let last { actions.append(last.0) }
        return Found(objection: objection, actions: actions, state: last?.1 ?? states[index])
    }

    /// The action of a step that was seen before: found again rather than remembered.
    private func action(from before: State, to after: State) -> Checked.Action {
        for action in model.actions(in: before) {
            var state = before
            model.apply(action, to: &state)
            if state == after { return action }
        }
        preconditionFailure("the model answers differently when asked again")
    }
}
