package import FoundationEssentials

/// What is to be done, as the engine stores it. A Command becomes one of these after validation.
package struct JobSpecification: Sendable, Equatable {
    package var kind: JobKind
    package var queue: QueueName
    /// A JSON object, UTF-8.
    package var payload: [UInt8]
    /// Jobs of one tenant with the same key run one after the other, in the order they were accepted. `nil`: no order.
    package var orderingKey: String?
    /// Attempts that may be spent before the job fails for good, 1 to 100.
    package var maxAttempts: Int
    /// How long one attempt may take before it is stopped and counted as failed.
    package var attemptTimeoutSeconds: Int
    package var priority = JobPriority.normal
    package var start = JobStart.now
    /// The job fails with `expired` unless an attempt has started so long after it might. `nil`: it waits for ever.
    package var startWithinSeconds: Int?
    /// The job fails with `deadline_exceeded` unless it has ended so long after it might start.
    package var finishWithinSeconds: Int?
    package var unique: Uniqueness?
    /// Jobs of one tenant with the same key share the limit of the key's class, which is its part before the first
    /// colon. `nil`, or a class without a limit: no limit.
    package var concurrencyKey: String?
    /// The provider's quota the job draws on, shared by all tenants: held back while that gate is closed.
    package var gate: String?
    /// The batch that ends when this job and the others of it have.
    package var batch: BatchID?
    /// The job whose settling made this one.
    package var parent: JobID?
    /// W3C traceparent of the request, so that attempts continue its trace.
    package var trace: String?

    package init(
        kind: JobKind, queue: QueueName, payload: [UInt8], orderingKey: String? = nil, maxAttempts: Int = 5,
        attemptTimeoutSeconds: Int = 600
    ) {
        self.kind = kind
        self.queue = queue
        self.payload = payload
        self.orderingKey = orderingKey
        self.maxAttempts = maxAttempts
        self.attemptTimeoutSeconds = attemptTimeoutSeconds
    }
}

/// Orders one tenant's jobs within a queue: a smaller number goes first. Between tenants their weights decide, so that
/// nobody gets ahead of others by calling everything urgent.
package enum JobPriority: Int, Sendable, CaseIterable, Comparable {
    case urgent = 1
    case normal = 2
    case low = 3
    case idle = 4

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// When a job may run first.
package enum JobStart: Sendable, Equatable {
    case now
    /// Seconds from acceptance, above 0.
    case after(seconds: Double)
    /// A moment; one that has passed means now.
    case at(Date)
}

/// What keeps a second job with the same key from doing the work of the first again.
package struct Uniqueness: Sendable, Equatable {
    /// Which earlier job stands in the way.
    package enum Scope: Sendable, Equatable {
        /// One that has not started yet.
        case pending
        /// One that has not ended yet.
        case unfinished
        /// One that has not ended yet, or was accepted so many seconds ago or less and did not fail and was not
        /// cancelled.
        case period(seconds: Int)
    }

    package enum OnConflict: String, Sendable, Codable {
        /// The earlier job stays as it is, and is the answer; with the scope `pending` it starts no later, and is no
        /// less urgent, than the new one would.
        case keep
        /// An earlier job that has not started takes the new one's payload, priority, and time; one that has started
        /// is kept.
        case replace
        /// As `keep` of a pending one while one waits to start, whatever the scope; while one only runs, exactly one
        /// more waits behind it, and they never overlap.
        case coalesce
    }

    /// Of the tenant's own choice, 1 to 300 characters, or a `ReservedKey`. Kinds and queues share the keys: an earlier
    /// job of another kind or queue stands in the way as well, and is kept.
    package var key: String
    package var scope: Scope
    package var onConflict: OnConflict

    package init(key: String, scope: Scope, onConflict: OnConflict) {
        self.key = key
        self.scope = scope
        self.onConflict = onConflict
    }
}

extension JobSpecification {
    /// Its own ordering key, or the one that keeps coalesced jobs from overlapping.
    package var effectiveOrderingKey: String? {
        if let orderingKey { return orderingKey }
        guard let unique, unique.onConflict == .coalesce else { return nil }
        return ReservedKey.unique.of(unique.key)
    }

    /// Longest ordering, unique, concurrency and gate key, in characters.
    package static let maxKeyLength = 300
    /// The farthest `start` may lie ahead, and the longest of the other times: 366 days.
    package static let maxAheadSeconds = 366 * 86_400
}
