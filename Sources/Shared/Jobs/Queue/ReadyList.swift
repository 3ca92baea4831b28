package import Domain

/// Names one ready list: what one tenant has waiting in one queue at one priority.
package struct ReadyList: Sendable, Hashable {
    package var queue: QueueName
    package var tenant: TenantID
    package var priority: JobPriority

    package init(queue: QueueName, tenant: TenantID, priority: JobPriority) {
        self.queue = queue
        self.tenant = tenant
        self.priority = priority
    }

    /// As the scripts know it: priority and tenant.
    var word: String { "\(priority.rawValue)\(tenant)" }

    /// Reads what a script answers. `nil` for anything else.
    init?(queue: QueueName, word: String) {
        guard let digit = word.first?.wholeNumberValue, let priority = JobPriority(rawValue: digit),
            let tenant = TenantID(word.dropFirst())
        else { return nil }
        self.init(queue: queue, tenant: tenant, priority: priority)
    }
}

/// A queued job and the list that should hold its id.
package struct QueuedJob: Sendable, Hashable {
    package var id: JobID
    package var list: ReadyList

    package var queue: QueueName { list.queue }

    package init(id: JobID, list: ReadyList) {
        self.id = id
        self.list = list
    }

    package init(_ job: Job) {
        self.init(id: job.id, list: ReadyList(queue: job.queue, tenant: job.tenant, priority: job.priority))
    }

    /// As the scripts know it: priority, tenant, id.
    var word: String { "\(list.word)\(id)" }

    /// Reads what a script answers. `nil` for anything else.
    init?(queue: QueueName, word: String) {
        guard let list = ReadyList(queue: queue, word: String(word.prefix(37))), let id = JobID(word.dropFirst(37))
        else { return nil }
        self.init(id: id, list: list)
    }
}
