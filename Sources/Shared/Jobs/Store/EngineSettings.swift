package import Domain
import Postgres

/// What ops set for queues and tenants, as a worker knows it: read once a second, and at once when told.
package struct EngineSettings: Sendable, Equatable {
    package var pausedQueues: Set<QueueName> = []
    /// Queues with a limit of running jobs.
    package var limitedQueues: Set<QueueName> = []
    package var limitedTenants: Set<TenantID> = []
    /// Where they are not 1.
    package var weights: [TenantID: Double] = [:]

    package init() {}

    /// Whether claiming these jobs means counting.
    func limits(_ queue: QueueName, _ jobs: [QueuedJob]) -> Bool {
        limitedQueues.contains(queue)
            || (!limitedTenants.isEmpty && jobs.contains { limitedTenants.contains($0.list.tenant) })
    }
}

extension JobStore {
    /// The most queues and tenants with settings of their own.
    static let maxSettings = 20_000

    static let settings = Statement(
        "settings.read",
        """
        SELECT name, NULL::uuid, paused_at IS NOT NULL, max_running IS NOT NULL, 1::float8 FROM queues
        UNION ALL
        SELECT NULL, tenant_id, false, max_running IS NOT NULL, weight FROM tenant_shares
        WHERE weight <> 1 OR max_running IS NOT NULL
        LIMIT $1
        """)

    package func settings() async throws -> EngineSettings {
        var settings = EngineSettings()
        for row in try await pool.query(Self.settings, [.int(Self.maxSettings)]) {
            if let name = try row.optionalText(0).flatMap({ QueueName($0) }) {
                if try row.bool(2) { settings.pausedQueues.insert(name) }
                if try row.bool(3) { settings.limitedQueues.insert(name) }
            } else if let tenant = try row.optionalUUID(1).map({ TenantID($0) }) {
                if try row.bool(3) { settings.limitedTenants.insert(tenant) }
                let weight = try row.double(4)
                if weight != 1 { settings.weights[tenant] = weight }
            }
        }
        return settings
    }
}
