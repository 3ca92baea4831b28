import Testing

/// Two processes that raise a number by reading it, and writing it back raised.
private struct LostUpdate: Model {
    struct State: Hashable {
        var number = 0
        var seen: [Int?] = [nil, nil]
        var isDone = [false, false]
    }

    enum Action: CustomStringConvertible {
        case read(Int)
        case write(Int)
        case giveUp(Int)
        var description: String { "\(self)" }
    }

    var isAtomic: Bool
    var mayGiveUp = false
    var needs = 2
    let initial = State()

    func actions(in state: State) -> [Action] {
        (0..<2).flatMap { process -> [Action] in
            if state.isDone[process] { return [] }
            let quit: [Action] = mayGiveUp ? [.giveUp(process)] : []
            if state.seen[process] != nil { return [.write(process)] + quit }
            return isAtomic && state.seen != [nil, nil] ? [] : [.read(process)]
        }
    }

    func apply(_ action: Action, to state: inout State) {
        switch action {
        case .read(let process): state.seen[process] = state.number
        case .giveUp(let process): state.isDone[process] = true
        case .write(let process):
            state.number = (state.seen[process] ?? 0) + 1
            state.seen[process] = nil
            state.isDone[process] = true
        }
    }

    func isFault(_ action: Action) -> Bool { if case .giveUp = action { true } else { false } }
    func objection(to state: State) -> String? {
        state.isDone == [true, true] && state.number != needs && !mayGiveUp ? "an update was lost" : nil
    }
    func objection(toStepFrom before: State, to after: State) -> String? {
        after.number < before.number ? "the number fell" : nil
    }
    func isGoal(_ state: State) -> Bool { state.isDone == [true, true] }
}

@Suite struct ModelCheckerTests {
    @Test func `a lost update is found by the shortest way`() throws {
        let report = ModelChecker.check(LostUpdate(isAtomic: false))
        let found = try #require(report.counterexample)
        #expect(found.objection == "an update was lost")
        #expect(found.actions.count == 4)
        #expect(found.state.number == 1)
    }

    @Test func `a system without the fault passes, and every state is counted`() {
        let report = ModelChecker.check(LostUpdate(isAtomic: true))
        #expect(report.counterexample == nil)
        #expect(report.states == 8)
        #expect(report.goals == 1)
    }

    @Test func `a state that leads nowhere is found, and a fault is no way out`() throws {
        // One process gives up while it holds what the other one waits for.
        let report = ModelChecker.check(LostUpdate(isAtomic: true, mayGiveUp: true))
        let found = try #require(report.counterexample)
        #expect(found.objection == "no way leads to the end any more")
        #expect(found.actions.count == 2)
    }
}
