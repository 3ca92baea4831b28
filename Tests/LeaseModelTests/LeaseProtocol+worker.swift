/// What a worker process does with its own hands.
extension LeaseProtocol {
    func take(_ job: Int8, by worker: Int, _ state: inout LeaseState) {
        let jobs = takeAway(job, by: worker, forgets: state.workers[worker].mayForget, &state)
        state.workers[worker].mayForget = jobs == 0
        state.workers[worker].taker = jobs == 0 ? .idle : .took(jobs)
    }

    func takeLate(_ job: Int8, by worker: Int, _ state: inout LeaseState) {
        state.send(.take(job, by: Int8(worker), forgets: state.workers[worker].mayForget ? 1 : 0))
        state.workers[worker].mayForget = false
    }

    func claim(by worker: Int, _ call: LeaseAction.Call, _ state: inout LeaseState) {
        guard case .took(let jobs) = state.workers[worker].taker else { preconditionFailure("nothing was taken") }
        state.workers[worker].taker = .idle
        state.workers[worker].mayForget = call == .answered
        for job in state.rows.indices where jobs >> UInt32(job) & 1 == 1 {
            if call == .late {
                state.send(.claim(Int8(job), by: Int8(worker)))
            } else if claimRow(job, by: worker, &state) {
                let row = state.rows[job]
                state.workers[worker].attempts.append(
                    Attempt(job: Int8(job), attempt: row.attempt, claim: row.claims))
            }
        }
    }

    /// One event, as `EventEmitter` writes them.
    func emit(by worker: Int, _ place: Int, _ call: LeaseAction.Call, _ state: inout LeaseState) {
        var attempt = state.workers[worker].attempts[place]
        let event = nextEvent(of: &attempt)
        let entry = LogEntry(
            attempt: attempt.attempt, sequence: attempt.nextSequence, event: event, writer: attempt.claim)
        attempt.nextSequence += 1
        var isLost = false
        if call == .late {
            attempt.expectedLength = nil
            state.send(.append(attempt.job, entry))
        } else {
            isLost = !note(append(entry, Int(attempt.job), &state), event, &attempt)
        }
        if isLost {
            state.workers[worker].attempts.remove(at: place)
        } else {
            state.workers[worker].attempts[place] = attempt
        }
    }

    private func nextEvent(of attempt: inout Attempt) -> LogEntry.Event {
        if attempt.nextSequence == 0 { return .attempt }
        if attempt.owesSnapshot {
            attempt.owesSnapshot = false
            return .snapshot(attempt.pieces)
        }
        attempt.pieces += 1
        return attempt.expectedLength == nil ? .snapshot(attempt.pieces) : .delta(attempt.pieces)
    }

    /// False when a newer attempt writes the log.
    private func note(_ appended: Appended, _ event: LogEntry.Event, _ attempt: inout Attempt) -> Bool {
        switch appended {
        case .stale: return false
        case .repeated: attempt.expectedLength = nil
        case .added(let length):
            let isComplete = attempt.expectedLength.map { $0 + 1 == length } ?? true
            attempt.expectedLength = length
            if !isComplete, case .delta = event {
                attempt.expectedLength = nil
                attempt.owesSnapshot = true
            }
        }
        return true
    }

    func hasMoreToSay(_ attempt: Attempt) -> Bool {
        scope.pieces > 0 && (attempt.nextSequence == 0 || attempt.owesSnapshot || attempt.pieces < scope.pieces)
    }

    func settle(
        by worker: Int, _ place: Int, _ ending: Ending, _ call: LeaseAction.Call, _ state: inout LeaseState
    ) {
        let attempt = state.workers[worker].attempts[place]
        guard call == .answered else {
            // It tries again, until it hears an answer.
            return state.send(
                .settle(attempt.job, attempt: attempt.attempt, claim: attempt.claim, by: Int8(worker), ending))
        }
        let isSettled = settleRow(
            Int(attempt.job), attempt: attempt.attempt, claim: attempt.claim, by: Int8(worker), ending, &state)
        if isSettled, scope.keys[Int(attempt.job)] != nil || state.rows[Int(attempt.job)].phase == .queued {
            state.workers[worker].attempts[place].stage = .settled
        } else {
            state.workers[worker].attempts.remove(at: place)
        }
    }

    func announce(by worker: Int, _ place: Int, push: LeaseAction.Call, _ state: inout LeaseState) {
        let job = Int(state.workers[worker].attempts.remove(at: place).job)
        if state.rows[job].phase == .queued { self.push(Int8(job), push, &state) }
        if let next = nextInOrder(after: job, state), next != job { self.push(Int8(next), push, &state) }
    }

    /// The job is this worker's by its row, and nothing here runs it.
    func giveBackStray(_ job: Int, by worker: Int, _ state: inout LeaseState) {
        let row = state.rows[job]
        let isSettled = settleRow(
            job, attempt: row.attempt, claim: row.claims, by: Int8(worker), .handedBack, &state)
        if isSettled, state.rows[job].phase == .queued { state.redis.push(job) }
    }
}
