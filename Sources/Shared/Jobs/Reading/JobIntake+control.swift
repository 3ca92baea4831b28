package import Domain
import Logging
import Postgres

/// What a person does with jobs that are there.
extension JobIntake {
    /// Ends the job, or has its worker end it.
    package func cancel(_ id: JobID, tenant: TenantID) async throws -> Cancellation {
        let (cancellation, orderingKey) = try await store.cancel(id, tenant: tenant)
        switch cancellation {
        case .requested(_, let worker): await tell(asked: [(id, worker)])
        case .ended(let job):
            let ended = JobTransition(job: QueuedJob(job), state: job.state, orderingKey: orderingKey)
            await tell([ended], tenant)
        case .tooLate, .notFound: break
        }
        return cancellation
    }

    /// Ends the jobs, or has their workers end them.
    package func cancel(_ selection: JobSelection, tenant: TenantID) async throws -> JobStore.Moved {
        let moved = try await store.cancel(selection, tenant: tenant)
        await tell(asked: moved.asked)
        await tell(moved.jobs, tenant)
        return moved
    }

    /// Queues a failed or cancelled job again.
    /// - Parameter by: who asked, for the record.
    package func retry(_ id: JobID, tenant: TenantID, by: String) async throws -> JobStore.Control {
        let control = try await repeatingRaces { try await store.retry(id, tenant: tenant, by: by) }
        if case .done(let job) = control { await tell([JobTransition(job: QueuedJob(job), state: job.state)], tenant) }
        return control
    }

    package func retry(_ selection: JobSelection, tenant: TenantID, by: String) async throws -> JobStore.Moved {
        let moved = try await repeatingRaces { try await store.retry(selection, tenant: tenant, by: by) }
        await tell(moved.jobs, tenant)
        return moved
    }

    package func discard(_ id: JobID, tenant: TenantID) async throws -> JobStore.Control {
        try await store.discard(id, tenant: tenant)
    }

    package func discard(_ selection: JobSelection, tenant: TenantID) async throws -> JobStore.Moved {
        try await store.discard(selection, tenant: tenant)
    }

    /// Hands over what may run now, and wakes the readers. What is not handed over, the reconciler finds; so it does
    /// with batches that ended, which a gateway must not finish.
    private func tell(_ moved: [JobTransition], _ tenant: TenantID) async {
        guard !moved.isEmpty else { return }
        let back = moved.filter { $0.state == .queued }.map(\.job)
        let next = await nextInOrder(after: moved, tenant)
        await signals.announce(moved.map(\.job.id), through: queue.fuse) {
            if !back.isEmpty { try await queue.push(back) }
            if !next.isEmpty { try await queue.push(next, at: .front) }
        }
    }

    /// Whose turn it is now that these have ended; nobody's when the database cannot be asked.
    private func nextInOrder(after moved: [JobTransition], _ tenant: TenantID) async -> [QueuedJob] {
        let ended = moved.compactMap { move in
            move.state.isTerminal ? move.orderingKey.map { (tenant: tenant, orderingKey: $0) } : nil
        }
        do {
            return try await store.nextInOrder(after: ended, actingFor: tenant)
        } catch {
            logger.warning("the next in order wait to be found", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// The rows have it: a worker that misses this reads it with its next heartbeat.
    private func tell(asked: [(job: JobID, worker: WorkerID)]) async {
        guard !asked.isEmpty else { return }
        await signal("cancel signals lost", jobs: asked.count) {
            for (job, worker) in asked { try await signals.requestCancellation(of: job, to: worker) }
        }
    }
}

extension JobIntake {
    /// Stops a queue from handing out jobs, or lets it go on; what runs is left alone. Workers know it at once, or
    /// within a second when the signal is lost.
    package func setPaused(_ isPaused: Bool, queue: QueueName) async throws {
        try await store.setPaused(isPaused, queue: queue)
        await signal("settings signal lost") { try await signals.settingsChanged() }
    }
}

extension JobIntake {
    /// Lets jobs go on that wait for something that is there now.
    /// - Returns: how many.
    @discardableResult
    package func release(waitingFor awaited: String, tenant: TenantID) async throws -> Int {
        let released = try await store.release(waitingFor: awaited, tenant: tenant)
        await tell(released.map { JobTransition(job: $0, state: .queued) }, tenant)
        return released.count
    }
}
