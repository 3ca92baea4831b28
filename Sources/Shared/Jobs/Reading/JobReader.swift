package import Domain
import FoundationEssentials
import Postgres
package import Redis

/// Follows jobs for their readers: subscribe first, then read, then wait. The row is the truth and the log is the
/// stream;
/// signals only say when to look again.
package struct JobReader: Sendable {
    let store: JobStore
    let log: EventLog
    let names: RedisNames
    let subscriber: RedisSubscriber
    /// How long a quiet stream stays silent, and a follower relies on signals alone: then it looks for itself.
    let keepAlive: Duration
    /// Looks at rows: those of readers that wake at the same moment, as all do when Redis comes back, go out together.
    private let looks: GroupCommit<JobStore.Look, Job?>

    /// Readers that may wait for their look at once.
    static let maxWaiting = 100_000

    package init(
        store: JobStore, redis: RedisClient, subscriber: RedisSubscriber, names: RedisNames,
        keepAlive: Duration = .seconds(15)
    ) {
        self.store = store
        log = EventLog(redis: redis, names: names)
        self.names = names
        self.subscriber = subscriber
        self.keepAlive = keepAlive
        looks = GroupCommit(lanes: 2, maxBatch: 250, maxWaiting: Self.maxWaiting) { try await store.find($0) }
    }

    private func find(_ id: JobID, _ tenant: TenantID) async throws -> Job? {
        try await looks.submit(JobStore.Look(id: id, tenant: tenant))
    }

    /// How long whoever waits for an end relies on signals alone: a Redis that is frozen, rather than gone, sends
    /// neither signals nor gaps for some seconds.
    static let lookAgain = Duration.seconds(5)

    /// Events read from the log at once.
    static let page = 500

    /// Waits until the job has ended, or the time is over.
    /// - Returns: the job as it is then. `nil`: the tenant has no such job.
    package func wait(_ id: JobID, tenant: TenantID, for timeout: Duration) async throws -> Job? {
        let deadline = ContinuousClock.now + timeout
        guard let job = try await find(id, tenant) else { return nil }
        if job.state.isTerminal || timeout <= .zero { return job }
        let channel = JobChannel(subscriber: subscriber, name: names.channel(id))
        await channel.open()
        return try await channel.whileServing {
            var isClosing = false
            while true {
                guard let job = try await find(id, tenant) else { return nil }
                if job.state.isTerminal || isClosing || ContinuousClock.now >= deadline { return job }
                var notice = JobChannel.Notice.event
                let nextLook = min(deadline, .now + Self.lookAgain)
                while notice == .event { notice = try await channel.next(until: nextLook) }
                isClosing = notice == .closing
            }
        }
    }

    /// Waits until the batch has finished, or the time is over. Its end is told like a job's; whoever misses that finds
    /// out within a second.
    /// - Returns: the batch as it is then. `nil`: the tenant has no such batch.
    package func wait(_ id: BatchID, tenant: TenantID, for timeout: Duration) async throws -> Batch? {
        let deadline = ContinuousClock.now + timeout
        guard let batch = try await store.findBatch(id, tenant: tenant) else { return nil }
        if batch.finishedAt != nil || timeout <= .zero { return batch }
        let channel = JobChannel(subscriber: subscriber, name: names.channel(id))
        await channel.open()
        return try await channel.whileServing {
            var isClosing = false
            while true {
                guard let batch = try await store.findBatch(id, tenant: tenant) else { return nil }
                if batch.finishedAt != nil || isClosing || ContinuousClock.now >= deadline { return batch }
                isClosing = try await channel.next(until: min(deadline, .now + .seconds(1))) == .closing
            }
        }
    }

    /// What a follower gets.
    package enum Item: Sendable {
        case event(PlacedEvent)
        /// Nothing happened for a while; the reader is still there.
        case stillThere
        /// The job has ended; nothing follows.
        case end(Job)
    }

    /// Delivers everything a reader has not seen yet, as it comes, until the job has ended. Returns without an end when
    /// this process shuts down: the reader comes back with its cursor.
    /// - Parameters:
    ///   - job: as it was found just now.
    ///   - cursor: the last event the reader has; `.start` for none.
    package func follow(
        _ job: Job, after cursor: EventCursor, deliver: (Item) async throws -> Void
    ) async throws {
        let channel = JobChannel(subscriber: subscriber, name: names.channel(job.id))
        await channel.open()
        try await channel.whileServing { try await follow(job, after: cursor, on: channel, deliver) }
    }

    private func follow(
        _ job: Job, after cursor: EventCursor, on channel: JobChannel, _ deliver: (Item) async throws -> Void
    ) async throws {
        var reader = EventReader(after: cursor)
        var mustReadRow = true
        while true {
            // The row before the log: what is in the log of a job that has ended is then all there will ever be.
            if mustReadRow {
                guard let now = try await find(job.id, job.tenant) else { return }
                if now.state.isTerminal { return try await finish(now, &reader, deliver) }
            }
            try await drain(job.id, &reader, deliver)
            switch try await channel.next(until: .now + keepAlive) {
            case .event: mustReadRow = false
            case .state, .gap: mustReadRow = true
            case .closing: return
            case .nothing:
                mustReadRow = true
                try await deliver(.stillThere)
            }
        }
    }

    private func drain(
        _ job: JobID, _ reader: inout EventReader, _ deliver: (Item) async throws -> Void
    ) async throws {
        while true {
            let entries: [PlacedEvent]
            do {
                entries = try await log.read(job, after: reader.cursor, limit: Self.page)
            } catch is RedisError {
                // Without Redis there is no stream; the row still ends it, and has the whole text.
                return
            }
            for event in reader.read(entries) { try await deliver(.event(event)) }
            if entries.count < Self.page { return }
        }
    }

    /// The job has ended: the rest of the log, the whole text if the log is not enough, and the end.
    private func finish(
        _ job: Job, _ reader: inout EventReader, _ deliver: (Item) async throws -> Void
    ) async throws {
        try await drain(job.id, &reader, deliver)
        if let last = job.lastSequence, !reader.hasAll(attempt: job.attempt, lastSequence: last),
            let text = Self.text(of: job)
        {
            let cursor = EventCursor(attempt: job.attempt, sequence: last)
            try await deliver(.event(PlacedEvent(cursor: cursor, event: .snapshot(text))))
        }
        try await deliver(.end(job))
    }

    /// What a handler that streamed text left in its result.
    private static func text(of job: Job) -> String? {
        struct Streamed: Decodable { var text: String }
        guard let result = job.result else { return nil }
        return try? JSONDecoder().decode(Streamed.self, from: Data(result)).text
    }
}
