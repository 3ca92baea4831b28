/// What must hold.
extension LeaseProtocol {
    func objection(to state: LeaseState) -> String? {
        if let breach = state.breaches.subtracting(tolerated).sentences.first { return breach }
        for job in state.rows.indices {
            let row = state.rows[job]
            if (row.phase == .running) != (row.worker != nil) { return "job \(job) runs without a worker, or has one" }
            if row.effects > 1 { return "job \(job) had its effect twice" }
            if (row.phase == .succeeded) != (row.effects == 1) { return "job \(job) has an effect and no success" }
            if row.phase == .running, let other = rival(of: job, state) {
                return "jobs \(job) and \(other) of one key run at once"
            }
        }
        return nil
    }

    private func rival(of job: Int, _ state: LeaseState) -> Int? {
        guard let key = scope.keys[job] else { return nil }
        return state.rows.indices.first { $0 > job && scope.keys[$0] == key && state.rows[$0].phase == .running }
    }

    func objection(toStepFrom before: LeaseState, to after: LeaseState) -> String? {
        for job in before.rows.indices where before.rows[job] != after.rows[job] {
            let (old, new) = (before.rows[job], after.rows[job])
            if old.isTerminal { return "job \(job) had ended, and changed" }
            if new.phase == .unknown { return "job \(job) vanished" }
            if new.attempt < old.attempt { return "the attempt of job \(job) fell" }
            if new.claims > old.claims, new.attempt <= old.attempt {
                return "job \(job) was claimed without a new attempt"
            }
        }
        return nil
    }

    /// Every job was accepted and has ended.
    func isGoal(_ state: LeaseState) -> Bool { state.rows.allSatisfy(\.isTerminal) }
}
