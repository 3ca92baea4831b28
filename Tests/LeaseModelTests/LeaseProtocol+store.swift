/// What the statements do, each at once, as PostgreSQL carries them out.
extension LeaseProtocol {
    func accept(_ job: Int, _ push: LeaseAction.Call, _ state: inout LeaseState) {
        state.rows[job].phase = .queued
        self.push(Int8(job), push, &state)
    }

    /// `jobs.claim`. False when the row is not to be had.
    func claimRow(_ job: Int, by worker: Int, _ state: inout LeaseState) -> Bool {
        let isRegistered = state.workers[worker].isRegistered
        guard isRegistered || flaws.contains(.claimIgnoresBurial), state.rows[job].phase == .queued,
            isNext(job, state), !refusesSecondOfKey(job, state)
        else { return false }
        if !isRegistered { state.breaches.insert(.claimAfterBurial) }
        state.rows[job].phase = .running
        if !flaws.contains(.attemptNotRaised) || state.rows[job].attempt == 0 { state.rows[job].attempt += 1 }
        state.rows[job].spent += 1
        state.rows[job].claims += 1
        state.rows[job].worker = Int8(worker)
        return true
    }

    /// No open job of its ordering key was accepted before it.
    func isNext(_ job: Int, _ state: LeaseState) -> Bool {
        guard let key = scope.keys[job] else { return true }
        return !(0..<job).contains { scope.keys[$0] == key && state.rows[$0].isOpen }
    }

    /// The unique index of running jobs by ordering key. It is needed because a row may be written after one with a
    /// higher number.
    private func refusesSecondOfKey(_ job: Int, _ state: LeaseState) -> Bool {
        guard let key = scope.keys[job], !flaws.contains(.noUniqueRunningKey) else { return false }
        return state.rows.indices.contains { scope.keys[$0] == key && state.rows[$0].phase == .running }
    }

    /// `jobs.settle`. True when the row was still this attempt's.
    func settleRow(
        _ job: Int, attempt: UInt8, claim: UInt8, by worker: Int8, _ ending: Ending, _ state: inout LeaseState
    ) -> Bool {
        let row = state.rows[job]
        guard isFenceOpen(row, attempt: attempt, worker: worker) else { return false }
        if row.phase != .running || row.claims != claim || row.worker != worker {
            state.breaches.insert(.staleSettle)
        }
        let settlement = settlements[ending, spent: row.spent]
        let isOver = !settlement.isEnd && row.isCancelRequested
        state.rows[job].phase = isOver ? .cancelled : settlement.phase
        state.rows[job].worker = nil
        if settlement.isRefund { state.rows[job].spent -= 1 }
        if settlement.phase == .succeeded { state.rows[job].effects += 1 }
        return true
    }

    private func isFenceOpen(_ row: Row, attempt: UInt8, worker: Int8) -> Bool {
        if flaws.contains(.settleNotFenced) { return row.phase != .unknown }
        if flaws.contains(.settleFencedByWorkerOnly) { return row.worker == worker }
        if flaws.contains(.settleFencedByAttemptOnly) { return row.attempt == attempt }
        return row.attempt == attempt && row.worker == worker
    }

    /// `jobs.rescue`: one statement for all rows, then the pushes.
    func rescue(_ push: LeaseAction.Call, _ state: inout LeaseState) {
        for job in state.rows.indices where isOrphan(state.rows[job], state) {
            noteDeath(of: job, &state)
            state.rows[job].worker = nil
            state.rows[job].spent -= 1
            let row = state.rows[job]
            if row.isCancelRequested {
                state.rows[job].phase = .cancelled
            } else if Int(row.deaths) + row.suspects.nonzeroBitCount >= scope.deadlyAttempts {
                state.rows[job].phase = .failed
            } else {
                state.rows[job].phase = .queued
            }
            if state.rows[job].phase == .queued {
                self.push(Int8(job), push, &state)
            } else if let next = nextInOrder(after: job, state) {
                self.push(Int8(next), push, &state)
            }
        }
    }

    /// A worker that signed off is no death, and one that was buried may still say that it lives.
    private func noteDeath(of job: Int, _ state: inout LeaseState) {
        guard let worker = state.rows[job].worker, state.workers[Int(worker)].wasBuried else { return }
        if state.workers[Int(worker)].life == .gone {
            state.rows[job].deaths += 1
        } else {
            state.rows[job].suspects |= 1 << UInt16(worker)
        }
    }

    func isOrphan(_ row: Row, _ state: LeaseState) -> Bool {
        guard row.phase == .running, let worker = row.worker else { return false }
        return !state.workers[Int(worker)].isRegistered
    }

    /// `jobs.next_in_order`: the oldest open job of the key, if it waits in its queue.
    func nextInOrder(after job: Int, _ state: LeaseState) -> Int? {
        guard let key = scope.keys[job] else { return nil }
        let next = state.rows.indices.first { scope.keys[$0] == key && state.rows[$0].isOpen }
        return next.flatMap { state.rows[$0].phase == .queued ? $0 : nil }
    }

    /// `jobs.cancel`.
    func cancel(_ job: Int, _ state: inout LeaseState) {
        state.rows[job].isCancelRequested = true
        if state.rows[job].phase != .running { state.rows[job].phase = .cancelled }
    }

    /// `workers.bury`: deletes the row, unless a beat came in between.
    func bury(_ dead: Int, _ state: inout LeaseState) {
        let worker = state.workers[dead]
        guard worker.isRegistered else { return }
        if worker.life == .alive {
            if worker.quiet < scope.deadAfter { state.breaches.insert(.robbedOneThatSpoke) }
            if !worker.wasPaused { state.breaches.insert(.robbedBeliever) }
        }
        unregister(dead, &state)
        state.workers[dead].wasBuried = true
    }

    /// What the one who buried does next. The rescue is also done again and again by everybody.
    func buryAndTidy(_ dead: Int, _ state: inout LeaseState) {
        guard state.workers[dead].isRegistered else { return }
        bury(dead, &state)
        if flaws.contains(.rescueOnlyAtBurial) { rescue(.answered, &state) }
        state.redis.giveBack(dead)
    }

    func unregister(_ worker: Int, _ state: inout LeaseState) {
        state.workers[worker].isRegistered = false
        for other in state.workers.indices { state.workers[other].sightings[worker] = Sighting() }
        state.late.removeAll { $0 == .bury(Int8(worker)) }
    }
}
