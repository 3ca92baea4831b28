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

    /// Rows of the tenant's own, written in the transaction that settles the job, as its tenant.
    package typealias Effects = @Sendable (PostgresTransaction) async throws -> Void

    package var ending: Ending
    /// A JSON value. A handler that streams text repeats the whole of it here as `text`, for readers who come later.
    package var result: [UInt8]
    package var effects: Effects?

    /// The work is done.
    package static func finished(_ result: [UInt8], effects: Effects? = nil) -> Completion {
        Completion(ending: .finished, result: result, effects: effects)
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
    /// Streams text to whoever follows the job.
    package let events: EventEmitter
    package let logger: Logger

    package var tenant: TenantID { job.tenant }

    package init(job: ClaimedJob, events: EventEmitter, logger: Logger) {
        self.job = job
        self.events = events
        self.logger = logger
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
