/// Births, beats, burials and ends.
extension LeaseProtocol {
    func spawn(_ worker: Int, _ state: inout LeaseState) {
        state.workers[worker].life = .alive
        state.workers[worker].isRegistered = true
    }

    /// One tick: everybody who can beats, who could not for too long stops, and everybody who can looks at the others.
    func tick(_ state: inout LeaseState) {
        for worker in state.workers.indices where state.workers[worker].life == .alive { age(&state.workers[worker]) }
        for worker in state.workers.indices where state.workers[worker].isUp { beat(worker, &state) }
        for worker in state.workers.indices {
            let it = state.workers[worker]
            if it.life == .alive, !it.isPaused, it.silence >= scope.stopSelfAfter { end(worker, as: .stopped, &state) }
        }
        for worker in state.workers.indices where state.workers[worker].isUp { look(worker, &state) }
    }

    private func age(_ worker: inout Worker) {
        worker.silence = min(worker.silence + 1, scope.stopSelfAfter)
        worker.quiet = min(worker.quiet + 1, scope.deadAfter)
        worker.looks = watch.older(worker.looks)
        for peer in worker.sightings.indices {
            worker.sightings[peer].looks = watch.older(worker.sightings[peer].looks)
        }
    }

    private func beat(_ worker: Int, _ state: inout LeaseState) {
        guard state.workers[worker].isRegistered else { return end(worker, as: .stopped, &state) }
        beatArrives(worker, &state)
        state.workers[worker].silence = 0
        state.workers[worker].wasPaused = false
    }

    /// Whoever looks next sees another number than before.
    func beatArrives(_ worker: Int, _ state: inout LeaseState) {
        guard state.workers[worker].isRegistered else { return }
        state.workers[worker].quiet = 0
        for other in state.workers.indices {
            state.workers[other].sightings[worker].isCurrent = false
            if !flaws.contains(.burialIgnoresBeat) { state.workers[other].sightings[worker].isDead = false }
        }
        if !flaws.contains(.burialIgnoresBeat) { state.late.removeAll { $0 == .bury(Int8(worker)) } }
    }

    private func look(_ worker: Int, _ state: inout LeaseState) {
        let looks = state.workers[worker].looks
        for peer in state.workers.indices where peer != worker && state.workers[peer].isRegistered {
            var sighting = state.workers[worker].sightings[peer]
            if watch.isDead(looks: looks, sighting) { sighting.isDead = true }
            sighting.looks = sighting.isCurrent ? sighting.looks | 1 : 1
            sighting.isCurrent = true
            state.workers[worker].sightings[peer] = sighting
        }
        state.workers[worker].looks |= 1
    }

    /// The end of belief, or of the process: its attempts end with it, what it sent does not.
    func end(_ worker: Int, as life: Worker.Life, _ state: inout LeaseState) {
        var ended = Worker(life: life, sightings: Array(repeating: Sighting(), count: scope.workers))
        ended.isRegistered = state.workers[worker].isRegistered
        ended.wasBuried = state.workers[worker].wasBuried
        ended.isCutOff = life == .stopped && state.workers[worker].isCutOff
        state.workers[worker] = ended
    }

    func signOff(_ worker: Int, _ state: inout LeaseState) {
        state.redis.giveBack(worker)
        unregister(worker, &state)
        if flaws.contains(.rescueOnlyAtBurial) { rescue(.answered, &state) }
        // The process goes on under another id, and says so.
        for job in state.rows.indices { state.rows[job].suspects &= ~(1 << UInt16(worker)) }
        state.workers[worker].life = .gone
    }

    func crash(_ worker: Int, _ state: inout LeaseState) {
        for job in state.rows.indices where state.rows[job].suspects >> UInt16(worker) & 1 == 1 {
            state.rows[job].suspects &= ~(1 << UInt16(worker))
            state.rows[job].deaths += 1
        }
        end(worker, as: .gone, &state)
    }
}
