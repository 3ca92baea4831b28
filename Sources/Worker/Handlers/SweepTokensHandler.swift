import Domain
import Jobs
import Store

/// Runs `sweep.tokens`, in memory for one page of connections however many are due.
struct SweepTokensHandler: JobHandler {
    let sweep: ConnectionSweep
    let intake: JobIntake
    /// Those that can be asked here.
    let providers: Set<ProviderName>
    /// Renewals that are started at one provider.
    let perSecond: Int

    /// How far ahead it looks, in seconds: two sweeps.
    private static let horizonSeconds = 120

    func handle(_ work: SweepTokens, _ context: AttemptContext) async throws -> Completion {
        let (due, enqueued) = try await enqueue()
        let released = try await release()
        try await endAbandoned()
        let pruned = try await sweep.prune()
        var writer = JSONWriter(capacity: 96)
        writer.object { object in
            object.field("due", due)
            object.field("enqueued", enqueued)
            object.field("released", released)
            object.field("pruned", pruned)
        }
        return .finished(writer.bytes)
    }

    private func enqueue() async throws -> (due: Int, enqueued: Int) {
        var (due, enqueued) = (0, 0)
        var places: [ProviderName: Int] = [:]
        var last: ConnectionSweep.Due?
        while true {
            try Task.checkCancellation()
            let page = try await sweep.due(withinSeconds: Self.horizonSeconds, after: last)
            due += page.count
            let jobs = try page.filter { providers.contains($0.provider) }.map { try job(for: $0, &places) }
            if !jobs.isEmpty { enqueued += try await intake.accept(jobs).count { $0.isNew } }
            last = page.last
            if page.count < ConnectionSweep.page { return (due, enqueued) }
        }
    }

    /// The n-th of a provider starts so many seconds later that no more than `perSecond` start in one.
    private func job(for due: ConnectionSweep.Due, _ places: inout [ProviderName: Int]) throws -> NewJob {
        let place = places[due.provider, default: 0]
        places[due.provider] = place + 1
        let start: JobStart = place < perSecond ? .now : .after(seconds: Double(place) / Double(perSecond))
        let work = RenewToken(due.connection, tokenVersion: due.tokenVersion)
        return NewJob(tenant: due.tenant, specification: try work.specification(start: start))
    }

    private func endAbandoned() async throws {
        let jobs = try await sweep.abandoned().map { found in
            var specification = try Disconnect(found.connection).specification()
            specification.unique = Uniqueness(
                key: ReservedKey.disconnect.of(found.connection), scope: .unfinished, onConflict: .keep)
            return NewJob(tenant: found.tenant, specification: specification)
        }
        if !jobs.isEmpty { _ = try await intake.accept(jobs) }
    }

    private func release() async throws -> Int {
        var all = 0
        while true {
            try Task.checkCancellation()
            let page = try await sweep.releasable()
            var count = 0
            for found in page { count += try await intake.release(waitingFor: found.awaited, tenant: found.tenant) }
            all += count
            if count == 0 || page.count < ConnectionSweep.page { return all }
        }
    }
}
