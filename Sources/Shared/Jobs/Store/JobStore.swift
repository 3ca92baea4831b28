package import Domain
package import Postgres

/// The job table: the truth about every job. Its methods are the engine's statements, each in one file with the SQL it
/// runs; none of them knows a job kind.
///
/// Errors are `PostgresError`, unless a method says otherwise.
package struct JobStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// Names the tenants a transaction acts for; row-level security shows it their rows and no others.
    package static func acting(for tenants: some Sequence<TenantID>) -> [PostgresSetting] {
        [PostgresSetting("errand.tenants", tenants.map(\.description).joined(separator: ","))]
    }

    package static func acting(for tenant: TenantID) -> [PostgresSetting] { acting(for: CollectionOfOne(tenant)) }
}

/// A job that this worker runs now.
package struct ClaimedJob: Sendable {
    package var id: JobID
    package var tenant: TenantID
    package var queue: QueueName
    package var kind: JobKind
    package var payload: [UInt8]
    package var orderingKey: String?
    package var attempt: Int
    package var attemptsSpent: Int
    package var maxAttempts: Int
    package var attemptTimeoutSeconds: Int

    package init(
        id: JobID, tenant: TenantID, queue: QueueName, kind: JobKind, payload: [UInt8], orderingKey: String? = nil,
        attempt: Int, attemptsSpent: Int, maxAttempts: Int, attemptTimeoutSeconds: Int
    ) {
        self.id = id
        self.tenant = tenant
        self.queue = queue
        self.kind = kind
        self.payload = payload
        self.orderingKey = orderingKey
        self.attempt = attempt
        self.attemptsSpent = attemptsSpent
        self.maxAttempts = maxAttempts
        self.attemptTimeoutSeconds = attemptTimeoutSeconds
    }
}

/// A queued job and the queue whose list should hold its id.
package struct QueuedJob: Sendable, Hashable {
    package var id: JobID
    package var queue: QueueName

    package init(id: JobID, queue: QueueName) {
        self.id = id
        self.queue = queue
    }
}

extension PostgresRow {
    /// A queue name as the table's CHECK constraint guarantees it.
    func queue(_ column: Int) throws -> QueueName {
        guard let name = QueueName(try text(column)) else { throw JobStoreError.unreadableRow(column: "queue") }
        return name
    }

    func state(_ column: Int) throws -> JobState {
        guard let state = JobState(rawValue: try text(column)) else {
            throw JobStoreError.unreadableRow(column: "state")
        }
        return state
    }
}

/// The row says something this version does not know: the database is newer than the program.
package enum JobStoreError: Error, Equatable {
    case unreadableRow(column: String)
}
