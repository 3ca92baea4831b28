/// What may happen, and what of it is a fault.
extension LeaseProtocol {
    func actions(in state: LeaseState) -> [LeaseAction] {
        var actions: [LeaseAction] = []
        if isOver(state) { return actions }
        for worker in state.workers.indices { addProcess(worker, state, &actions) }
        for worker in state.workers.indices where isRunning(state.workers[worker]) {
            addTaker(Int8(worker), state, &actions)
            for place in state.workers[worker].attempts.indices {
                addAttempt(Int8(worker), Int8(place), state, &actions)
            }
            addPeers(Int8(worker), state, &actions)
        }
        if let unborn = birth(state) { actions.append(.spawn(Int8(unborn))) }
        if state.workers.contains(where: \.isUp) { addUpkeep(state, &actions) }
        addWorld(state, &actions)
        return actions.filter { !costsFault($0) || state.faultsLeft > 0 }
    }

    /// Every job has ended, and nobody is left who could try to change that.
    private func isOver(_ state: LeaseState) -> Bool {
        isGoal(state) && state.late.isEmpty && state.workers.allSatisfy(\.attempts.isEmpty)
            && (scope.pieces == 0 || !hasNewEntries(state))
    }

    private func isRunning(_ worker: Worker) -> Bool { worker.life == .alive && !worker.isPaused }

    private func birth(_ state: LeaseState) -> Int? {
        let processes = state.workers.count { $0.life == .alive || $0.life == .stopped }
        guard processes < scope.processes else { return nil }
        return state.workers.firstIndex { $0.life == .unborn }
    }

    private func addProcess(_ index: Int, _ state: LeaseState, _ actions: inout [LeaseAction]) {
        let worker = state.workers[index]
        let number = Int8(index)
        guard worker.life == .alive || worker.life == .stopped else { return }
        if worker.isPaused { actions.append(.resume(number)) }
        if worker.isCutOff { actions.append(.reconnect(number)) }
        if worker.life == .stopped, !worker.isCutOff { actions.append(.signOff(number)) }
        if may(.crash) { actions.append(.crash(number)) }
        if worker.life == .alive, !worker.isPaused, may(.pause) { actions.append(.pause(number)) }
        if worker.life == .alive, !worker.isCutOff, may(.cutOff) { actions.append(.cutOff(number)) }
        if worker.isUp, may(.lateStore) { actions.append(.beatLate(by: number)) }
    }

    private func addTaker(_ number: Int8, _ state: LeaseState, _ actions: inout [LeaseAction]) {
        let worker = state.workers[Int(number)]
        if case .took = worker.taker {
            guard !worker.isCutOff else { return }
            actions.append(.claim(by: number, .answered))
            if may(.lateStore) { actions.append(.claim(by: number, .late)) }
            return
        }
        for job in jobsToTake(by: Int(number), state) {
            actions.append(.take(job, by: number))
            if may(.lateRedis) { actions.append(.takeLate(job, by: number)) }
        }
    }

    /// What a take may bring: any job that waits, and nothing new when older ids are handed out again, or none waits.
    private func jobsToTake(by worker: Int, _ state: LeaseState) -> [Int8] {
        let isOld = state.redis.hasTaken(worker)
        if isOld, !state.workers[worker].mayForget { return [LeaseAction.nobody] }
        let jobs = state.rows.indices.filter { state.redis.ready[$0] > 0 }.map { Int8($0) }
        guard jobs.isEmpty else { return jobs }
        let isAwaited = state.late.contains { if case .take(_, Int8(worker), _) = $0 { true } else { false } }
        return isOld || (isAwaited && !state.workers[worker].mayForget) ? [LeaseAction.nobody] : []
    }

    private func addAttempt(_ number: Int8, _ place: Int8, _ state: LeaseState, _ actions: inout [LeaseAction]) {
        let worker = state.workers[Int(number)]
        let attempt = worker.attempts[Int(place)]
        switch attempt.stage {
        case .answered: actions.append(.begin(by: number, place: place))
        case .running:
            if hasMoreToSay(attempt) {
                actions.append(.emit(by: number, place: place, .answered))
                if may(.lateRedis) { actions.append(.emit(by: number, place: place, .late)) }
            } else if !worker.isCutOff {
                addSettle(.success, number, place, &actions)
            }
            guard !worker.isCutOff else { return }
            if may(.failure) { addSettle(.failure, number, place, &actions) }
            if may(.drain) { addSettle(.handedBack, number, place, &actions) }
            if state.rows[Int(attempt.job)].isCancelRequested { addSettle(.cancelled, number, place, &actions) }
        case .settled:
            guard !worker.isCutOff else { return }
            actions.append(.announce(by: number, place: place, push: .answered))
            if may(.lateRedis) { actions.append(.announce(by: number, place: place, push: .late)) }
        }
    }

    private func addSettle(_ ending: Ending, _ worker: Int8, _ place: Int8, _ actions: inout [LeaseAction]) {
        actions.append(.settle(by: worker, place: place, ending, .answered))
        if may(.lateStore) { actions.append(.settle(by: worker, place: place, ending, .late)) }
    }

    private func addPeers(_ number: Int8, _ state: LeaseState, _ actions: inout [LeaseAction]) {
        let worker = state.workers[Int(number)]
        guard worker.isUp else { return }
        for peer in state.workers.indices where worker.sightings[peer].isDead {
            actions.append(.bury(Int8(peer), by: number, .answered))
            if may(.lateStore) { actions.append(.bury(Int8(peer), by: number, .late)) }
        }
        for job in state.rows.indices where state.rows[job].phase == .running && state.rows[job].worker == number {
            let mine = worker.attempts.first {
                $0.job == Int8(job) && $0.attempt == state.rows[job].attempt
            }
            if mine == nil {
                actions.append(.giveBackStray(Int8(job), by: number, isSlow: false))
            } else if mine?.stage == .answered, may(.lateStore) {
                actions.append(.giveBackStray(Int8(job), by: number, isSlow: true))
            }
        }
    }

    /// What any process does for all.
    private func addUpkeep(_ state: LeaseState, _ actions: inout [LeaseAction]) {
        if !flaws.contains(.rescueOnlyAtBurial), state.rows.contains(where: { isOrphan($0, state) }) {
            actions.append(.rescue(push: .answered))
            if may(.lateRedis) { actions.append(.rescue(push: .late)) }
        }
        for job in state.rows.indices {
            if state.rows[job].phase == .scheduled {
                actions.append(.promote(Int8(job), push: .answered))
                if may(.lateRedis) { actions.append(.promote(Int8(job), push: .late)) }
            }
            if isMissing(job, state) { actions.append(.scan(Int8(job))) }
        }
    }

    private func addWorld(_ state: LeaseState, _ actions: inout [LeaseAction]) {
        for job in state.rows.indices {
            if state.rows[job].phase == .unknown {
                actions.append(.accept(Int8(job), push: .answered))
                if may(.lateRedis) { actions.append(.accept(Int8(job), push: .late)) }
            }
            if may(.cancel), state.rows[job].isOpen, !state.rows[job].isCancelRequested {
                actions.append(.cancel(Int8(job)))
            }
        }
        for (place, message) in state.late.enumerated() where place == 0 || state.late[place - 1] != message {
            actions.append(.arrive(message))
        }
        if scope.pieces > 0, hasNewEntries(state) { actions.append(.follow) }
        if may(.flush) { actions.append(.flush) }
        if may(.rollback) { actions.append(state.savedRedis == nil ? .save : .rollback) }
        actions.append(.tick)
    }

    func may(_ fault: Fault) -> Bool { scope.kinds.contains(fault) }

    func isFault(_ action: LeaseAction) -> Bool { action == .save || costsFault(action) }

    func costsFault(_ action: LeaseAction) -> Bool {
        switch action {
        case .accept(_, .late), .claim(_, .late), .emit(_, _, .late), .announce(_, _, .late),
            .bury(_, _, .late), .rescue(.late), .promote(_, .late), .takeLate, .beatLate, .giveBackStray(_, _, true),
            .crash, .pause, .cutOff, .flush, .rollback, .cancel:
            true
        case .settle(_, _, let ending, let call):
            call == .late || ending == .failure || ending == .handedBack
        default: false
        }
    }
}
