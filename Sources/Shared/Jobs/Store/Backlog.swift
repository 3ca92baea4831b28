package import Domain
package import FoundationEssentials

/// How many, as far as anybody counted.
package struct Tally: Sendable, Equatable, Codable {
    package var count: Int
    /// Counting stopped here: there may be more.
    package var isCapped: Bool

    package init(_ count: Int = 0, isCapped: Bool = false) {
        self.count = count
        self.isCapped = isCapped
    }

    package static func += (left: inout Tally, right: Tally) {
        left.count += right.count
        left.isCapped = left.isCapped || right.isCapped
    }
}

/// What waits, runs and has failed: of a queue, or of one tenant in it.
package struct Backlog: Sendable, Equatable, Codable {
    package var queued = Tally()
    package var scheduled = Tally()
    package var running = Tally()
    package var waiting = Tally()
    /// Failed, and neither retried nor discarded.
    package var dead = Tally()
    /// How long the oldest queued job could have run already: the oldest of the first ten of each ready list. `nil`:
    /// nothing is queued.
    package var oldestSeconds: Double?
    /// Of the last minute, by the living workers' own count.
    package var recent = RecentWork.Totals()

    package init() {}

    /// In how many seconds the queue is empty if nothing is added and it goes on as in the last minute. `nil`: nothing
    /// has ended in the last minute, so nobody knows.
    package var drainSeconds: Double? {
        if queued.count == 0 { return 0 }
        return recent.finished > 0 ? Double(queued.count) * 60 / recent.finished : nil
    }
}

/// All queues at one moment.
package struct QueueStates: Sendable, Equatable, Codable {
    package struct Queue: Sendable, Equatable, Codable {
        package var name: String
        package var isPaused = false
        package var maxRunning: Int?
        package var all = Backlog()
        /// Those with the most queued jobs, at most `QueueStates.tenantsPerQueue`.
        package var tenants: [Tenant] = []
        /// Tenants with something in this queue, those that are left out of `tenants` included.
        package var tenantCount = 0
    }

    package struct Tenant: Sendable, Equatable, Codable {
        package var id: TenantID
        package var backlog: Backlog
    }

    package var queues: [Queue]
    /// Living workers, and those buried in the last hour.
    package var workers: Int
    package var buriedWorkers: Int
    /// How long the count took.
    package var countingSeconds = 0.0

    /// Bounds what is kept and shown by tenant.
    package static let tenantsPerQueue = 20
}

/// The same, and when it was counted.
package struct CountedStates: Sendable, Equatable {
    package var states: QueueStates
    package var countedAt: Date

    /// Puts in what operators have set by now.
    mutating func set(_ name: String, isPaused: Bool, maxRunning: Int?) {
        if !states.queues.contains(where: { $0.name == name }) {
            states.queues.append(QueueStates.Queue(name: name))
            states.queues.sort { $0.name < $1.name }
        }
        guard let index = states.queues.firstIndex(where: { $0.name == name }) else { return }
        states.queues[index].isPaused = isPaused
        states.queues[index].maxRunning = maxRunning
    }
}
