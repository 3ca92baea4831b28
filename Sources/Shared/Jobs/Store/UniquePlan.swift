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
            if unique.onConflict == .replace, Self.isSame(pending.kind, pending.queue, job) {
                replaced[pending.id] = job
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
        guard unique.onConflict == .replace,
            Self.isSame(earlier.specification.kind, earlier.specification.queue, job)
        else { return }
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

extension Uniqueness {
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
