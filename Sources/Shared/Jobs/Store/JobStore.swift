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

extension PostgresRow {
    func priority(_ column: Int) throws -> JobPriority {
        guard let priority = JobPriority(rawValue: try int(column)) else {
            throw JobStoreError.unreadableRow(column: "priority")
        }
        return priority
    }
}

/// The row says something this version does not know: the database is newer than the program.
package enum JobStoreError: Error, Equatable {
    case unreadableRow(column: String)
}
