import Domain

/// The lease protocol as a model: what may happen in a state, and what it does.
///
/// What PostgreSQL and Redis do is in `LeaseProtocol+store.swift` and `LeaseProtocol+redis.swift`, statement by
/// statement and script by script; what a worker does is in `LeaseProtocol+worker.swift`, and time in `+time`. The
/// rules that are pure in the product are the product's own: `PeerWatch`, `Settlement`, `EventReader`.
///
/// Not in the model: tenants' turns, limits, gates and bounded lists (they only delay), schedules, batches, and what a
/// handler does outside. A worker takes one id at a time, and each statement and each script happens at once.
struct LeaseProtocol: Model {
    let scope: LeaseScope
    let flaws: Set<Flaw>
    /// What is not objected to, so that one can see what else goes wrong, or does not.
    let tolerated: Breaches
    let watch: WatchTable
    let settlements: SettlementTable

    init(_ scope: LeaseScope, flaws: Set<Flaw> = [], tolerating tolerated: Breaches = []) {
        self.scope = scope
        self.flaws = flaws
        self.tolerated = tolerated
        watch = WatchTable(deadAfter: scope.deadAfter)
        settlements = SettlementTable(maxAttempts: scope.maxAttempts)
    }

    var initial: LeaseState {
        let stranger = Worker(sightings: Array(repeating: Sighting(), count: scope.workers))
        var state = LeaseState(
            rows: Array(repeating: Row(), count: scope.jobs),
            workers: Array(repeating: stranger, count: scope.workers),
            redis: RedisState(jobs: scope.jobs, workers: scope.workers), faultsLeft: scope.faults)
        for worker in 0..<min(scope.processes, scope.workers) { spawn(worker, &state) }
        if scope.startsAccepted { for job in state.rows.indices { accept(job, .answered, &state) } }
        return state
    }

    func apply(_ action: LeaseAction, to state: inout LeaseState) {
        if costsFault(action) { state.faultsLeft -= 1 }
        perform(action, &state)
        dropWhatCannotMatter(&state)
        for job in state.rows.indices where state.rows[job].isTerminal {
            (state.rows[job].deaths, state.rows[job].suspects) = (0, 0)
        }
        forgetTheGone(&state)
    }

    private func perform(_ action: LeaseAction, _ state: inout LeaseState) {
        switch action {
        case .accept(let job, let push): accept(Int(job), push, &state)
        case .take(let job, let worker): take(job, by: Int(worker), &state)
        case .takeLate(let job, let worker): takeLate(job, by: Int(worker), &state)
        case .claim(let worker, let call): claim(by: Int(worker), call, &state)
        case .begin(let worker, let place): state.workers[Int(worker)].attempts[Int(place)].stage = .running
        case .emit(let worker, let place, let call): emit(by: Int(worker), Int(place), call, &state)
        case .settle(let worker, let place, let ending, let call):
            settle(by: Int(worker), Int(place), ending, call, &state)
        case .announce(let worker, let place, let push): announce(by: Int(worker), Int(place), push: push, &state)
        case .giveBackStray(let job, let worker, _): giveBackStray(Int(job), by: Int(worker), &state)
        case .rescue(let push): rescue(push, &state)
        case .promote(let job, let push):
            state.rows[Int(job)].phase = .queued
            self.push(job, push, &state)
        case .scan(let job): state.redis.push(Int(job))
        case .arrive(let message): arrive(message, &state)
        case .follow: follow(&state)
        case .cancel(let job): cancel(Int(job), &state)
        default: performOnProcess(action, &state)
        }
    }

    private func performOnProcess(_ action: LeaseAction, _ state: inout LeaseState) {
        switch action {
        case .tick: tick(&state)
        case .beatLate(let worker): state.send(.beat(worker))
        case .bury(let dead, let worker, let call):
            state.workers[Int(worker)].sightings[Int(dead)].isDead = false
            if call == .late { state.send(.bury(dead)) } else { buryAndTidy(Int(dead), &state) }
        case .signOff(let worker): signOff(Int(worker), &state)
        case .spawn(let worker): spawn(Int(worker), &state)
        case .crash(let worker): crash(Int(worker), &state)
        case .pause(let worker):
            state.workers[Int(worker)].isPaused = true
            state.workers[Int(worker)].wasPaused = true
        case .resume(let worker): state.workers[Int(worker)].isPaused = false
        case .cutOff(let worker): state.workers[Int(worker)].isCutOff = true
        case .reconnect(let worker): state.workers[Int(worker)].isCutOff = false
        case .flush: state.redis = RedisState(jobs: scope.jobs, workers: scope.workers)
        case .save: state.savedRedis = state.redis
        case .rollback:
            if let saved = state.savedRedis { state.redis = saved }
        default: preconditionFailure("nobody performs: \(action)")
        }
    }

    /// A message that was slow, or whose answer was.
    private func arrive(_ message: Message, _ state: inout LeaseState) {
        if let place = state.late.firstIndex(of: message) { state.late.remove(at: place) }
        switch message {
        case .claim(let job, let worker): _ = claimRow(Int(job), by: Int(worker), &state)
        case .settle(let job, let attempt, let claim, let worker, let ending):
            _ = settleRow(Int(job), attempt: attempt, claim: claim, by: worker, ending, &state)
        case .beat(let worker): beatArrives(Int(worker), &state)
        case .bury(let worker): bury(Int(worker), &state)
        case .take(let job, let worker, let forgets): _ = takeAway(job, by: Int(worker), forgets: forgets == 1, &state)
        case .push(let job): state.redis.push(Int(job))
        case .append(let job, let entry): _ = append(entry, Int(job), &state)
        }
    }

    /// Slow messages that will find nothing to change, whenever they arrive.
    private func dropWhatCannotMatter(_ state: inout LeaseState) {
        guard !state.late.isEmpty else { return }
        let (rows, workers) = (state.rows, state.workers)
        state.late.removeAll { message in
            switch message {
            case .claim(let job, _): rows[Int(job)].isTerminal
            case .settle(let job, let attempt, _, _, _):
                isFenced && (rows[Int(job)].isTerminal || rows[Int(job)].attempt > attempt)
            case .beat(let worker), .bury(let worker): !workers[Int(worker)].isRegistered
            case .take, .push, .append: false
            }
        }
    }

    private var isFenced: Bool {
        flaws.isDisjoint(with: [.settleNotFenced, .settleFencedByAttemptOnly, .settleFencedByWorkerOnly])
    }

    /// A worker that nothing remembers any more leaves its number to a new one. What it took and nobody gave back stays
    /// in Redis, where nobody will ever read it.
    private func forgetTheGone(_ state: inout LeaseState) {
        for worker in state.workers.indices where state.workers[worker].life == .gone {
            guard !state.workers[worker].isRegistered, !state.remembers(worker) else { continue }
            if flaws.contains(.reconcilerTrustsTakenLists), state.redis.hasTaken(worker) { continue }
            state.workers[worker].life = .unborn
            state.workers[worker].wasBuried = false
            state.redis.forget(worker)
            state.savedRedis?.forget(worker)
        }
    }
}

extension LeaseState {
    mutating func send(_ message: Message) {
        late.append(message)
        late.sort()
    }

    /// Whether anything but the table of workers still names this one.
    func remembers(_ worker: Int) -> Bool {
        if rows.contains(where: { $0.worker == Int8(worker) }) { return true }
        return late.contains { $0.worker == Int8(worker) }
    }
}

extension Message {
    /// Whom it comes from, or is about. `nil` for a message that names no worker.
    var worker: Int8? {
        switch self {
        case .claim(_, let worker), .settle(_, _, _, let worker, _), .beat(let worker), .bury(let worker),
            .take(_, let worker, _):
            worker
        case .push, .append: nil
        }
    }
}
