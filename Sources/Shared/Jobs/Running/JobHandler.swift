package import Domain
package import Logging
package import Postgres

/// Carries out jobs of one kind.
package protocol JobHandler<Work>: Sendable {
    associatedtype Work: Command

    /// Runs one attempt. May run more than once for one job, on any worker: whatever it does outside must bear that.
    /// - Throws: `Failure` when the attempt did not succeed; any other error counts as one to retry. On cancellation,
    ///   `CancellationError`, or it returns what it has as `.stopped`.
    func handle(_ work: Work, _ context: AttemptContext) async throws -> Completion
}

/// What an attempt that did not fail leaves behind.
package struct Completion: Sendable {
    package enum Ending: Sendable { case finished, stopped }

    /// Rows of the tenant's own, written in the transaction that settles the job, as its tenant. A `Failure` that it
    /// throws undoes the transaction, and is how the attempt ends instead.
    package typealias Effects = @Sendable (PostgresTransaction) async throws -> Void

    package var ending: Ending
    /// A JSON value. A handler that streams text repeats the whole of it here as `text`, for readers who come later.
    package var result: [UInt8]
    package var effects: Effects?
    /// Jobs of the same tenant that exist if, and only if, this one's end is written.
    package var followUps: [JobSpecification] = []
    /// What else changed by it, besides the job: whoever waits for one of these looks again once the end is written.
    package var topics: [Topic] = []

    /// The work is done.
    package static func finished(
        _ result: [UInt8], effects: Effects? = nil, followUps: [JobSpecification] = [], topics: [Topic] = []
    ) -> Completion {
        Completion(ending: .finished, result: result, effects: effects, followUps: followUps, topics: topics)
    }

    /// The attempt was cancelled and this is what it had. Kept if the cancellation was asked for; an attempt that is
    /// handed back starts afresh.
    package static func stopped(partial result: [UInt8], effects: Effects? = nil) -> Completion {
        Completion(ending: .stopped, result: result, effects: effects)
    }
}

/// What a handler is given beside its work.
package struct AttemptContext: Sendable {
    package let job: ClaimedJob
    let worker: WorkerID
    /// Streams text to whoever follows the job.
    package let events: EventEmitter
    /// Where in the request's trace this attempt is: what it asks of others belongs below it. `nil`: nobody traces.
    package let trace: TraceContext?
    private let store: JobStore
    private let base: Logger

    package var tenant: TenantID { job.tenant }

    package init(
        job: ClaimedJob, worker: WorkerID, events: EventEmitter, store: JobStore, trace: TraceContext? = nil,
        logger: Logger
    ) {
        self.job = job
        self.worker = worker
        self.events = events
        self.trace = trace
        self.store = store
        base = logger
    }

    package var logger: Logger {
        var logger = base
        logger[metadataKey: "job"] = "\(job.id)"
        logger[metadataKey: "attempt"] = "\(job.attempt)"
        if let trace { logger[metadataKey: "trace_id"] = "\(trace.traceID)" }
        return logger
    }

    /// Says how far the attempt is, to its followers and in the job's row. Not for every item: a few times a second at
    /// the most.
    /// - Parameters:
    ///   - fraction: 0 to 1; `nil` when unknown.
    ///   - note: a few words for people; cut at 200 characters.
    /// - Throws: `AttemptLost` when another attempt has the job.
    package func progress(_ fraction: Double?, note: String? = nil) async throws {
        var writer = JSONWriter(capacity: 300)
        writer.object { object in
            if let fraction, fraction.isFinite { object.field("fraction", number: min(max(fraction, 0), 1)) }
            if let note { object.field("note", String(note.prefix(200))) }
        }
        guard try await store.write(progress: writer.bytes, of: job.id, attempt: job.attempt, by: worker) else {
            throw AttemptLost()
        }
        try await events.tell(progress: String(decoding: writer.bytes, as: UTF8.self))
    }
}

/// Which handler runs which kind.
package struct HandlerCatalog: Sendable {
    typealias Run = @Sendable (ClaimedJob, AttemptContext) async throws -> Completion
    private var runs: [JobKind: Run] = [:]

    package init() {}

    /// Traps when the kind has a handler already.
    package mutating func register<Handler: JobHandler>(_ handler: Handler) {
        let kind = Handler.Work.kind
        precondition(runs[kind] == nil, "two handlers for \(kind.rawValue)")
        runs[kind] = { job, context in try await handler.handle(Handler.Work.decode(job.payload), context) }
    }

    /// - Throws: `Failure` (retry, `unknown_kind`) for a kind without a handler: a newer worker may have one.
    func run(_ job: ClaimedJob, _ context: AttemptContext) async throws -> Completion {
        guard let run = runs[job.kind] else {
            throw Failure(.retry, code: "unknown_kind", message: "This worker has no handler for \(job.kind.rawValue).")
        }
        return try await run(job, context)
    }
}
