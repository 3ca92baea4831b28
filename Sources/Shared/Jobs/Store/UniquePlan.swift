import Domain

/// Decides which of some jobs become new rows, which replace an earlier job, and which give way to one. Pure: what it
/// must know was read, and locked, before.
struct UniquePlan {
    struct Key: Hashable {
        var tenant: TenantID
        var key: String
    }

    /// The jobs that were there before, by key.
    struct Standing {
        /// Has not started.
        var pending: [Key: Job] = [:]
        /// Has started and not ended, or ended well in the period that was looked at.
        var earlier: [Key: Job] = [:]
    }

    private let standing: Standing
    /// Where in `new` a key's pending job of this plan is.
    private var places: [Key: Int] = [:]
    private(set) var new: [NewJob] = []
    /// Earlier jobs that stay, perhaps changed.
    private(set) var kept: [JobID: Job] = [:]
    /// The last job to replace each of the earlier ones.
    private(set) var replaced: [JobID: NewJob] = [:]
    /// Jobs, new or replaced ones among them, and what is asked of each: to start no later, and be no less urgent.
    private(set) var hastened: [JobID: [NewJob]] = [:]
    /// The job that stands for each one that was added.
    private(set) var answers: [(id: JobID, isNew: Bool)] = []

    init(_ standing: Standing) { self.standing = standing }

    mutating func add(_ job: NewJob) {
        guard let unique = job.specification.unique else { return insert(job) }
        let key = Key(tenant: job.tenant, key: unique.key)
        if let place = places[key] {
            merge(job, into: place, unique)
        } else if let pending = standing.pending[key] {
            keep(pending)
            guard Self.isSame(pending.kind, pending.queue, job) else { return }
            if unique.onConflict == .replace {
                replaced[pending.id] = job
                hastened[pending.id] = nil
            } else if unique.hastens, replaced[pending.id] != nil || pending.mayBeHastened(by: job) {
                hastened[pending.id, default: []].append(job)
            }
        } else if let earlier = standing.earlier[key], unique.gives(wayTo: earlier) {
            keep(earlier)
        } else {
            places[key] = new.count
            insert(job)
        }
    }

    private mutating func insert(_ job: NewJob) {
        new.append(job)
        answers.append((job.id, true))
    }

    private mutating func keep(_ job: Job) {
        kept[job.id] = job
        answers.append((job.id, false))
    }

    /// The earlier one is of this plan, so it is replaced before it is written.
    private mutating func merge(_ job: NewJob, into place: Int, _ unique: Uniqueness) {
        let earlier = new[place]
        answers.append((earlier.id, false))
        guard Self.isSame(earlier.specification.kind, earlier.specification.queue, job) else { return }
        guard unique.onConflict == .replace else {
            if unique.hastens, earlier.mayBeHastened(by: job) { hastened[earlier.id, default: []].append(job) }
            return
        }
        hastened[earlier.id] = nil
        var specification = job.specification
        specification.orderingKey = earlier.specification.effectiveOrderingKey
        specification.concurrencyKey = earlier.specification.concurrencyKey
        specification.gate = earlier.specification.gate
        specification.batch = earlier.specification.batch
        new[place].specification = specification
    }

    private static func isSame(_ kind: JobKind, _ queue: QueueName, _ job: NewJob) -> Bool {
        kind == job.specification.kind && queue == job.specification.queue
    }
}

// Whether one starts earlier than another only the database's clock says, unless it starts at once.

extension Job {
    fileprivate func mayBeHastened(by job: NewJob) -> Bool {
        job.specification.priority < priority || state == .scheduled
    }
}

extension NewJob {
    fileprivate func mayBeHastened(by job: NewJob) -> Bool {
        job.specification.priority < specification.priority || specification.start != .now
    }
}

extension Uniqueness {
    /// The one that waits does the work of this one too, and so no later than this one would.
    fileprivate var hastens: Bool { onConflict == .coalesce || (onConflict == .keep && scope == .pending) }

    /// How far back a job that ended well stands in the way, in seconds; 0 for one that has not ended only. `nil`: what
    /// has started does not stand in the way.
    var periodToLookBack: Int? {
        if onConflict == .coalesce { return nil }
        return switch scope {
        case .pending: nil
        case .unfinished: 0
        case .period(let seconds): seconds
        }
    }

    /// Of jobs that are accepted together with different periods, the longest counts.
    fileprivate func gives(wayTo job: Job) -> Bool {
        guard let periodToLookBack else { return false }
        return !job.state.isTerminal || periodToLookBack > 0
    }
}
