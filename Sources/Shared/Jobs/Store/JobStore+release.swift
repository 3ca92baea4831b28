package import Domain
package import Postgres

extension JobStore {
    /// What waits for something goes on where it stopped: its attempts have not been spent on the waiting.
    static let release = Statement(
        "jobs.release",
        """
        UPDATE jobs SET state = 'queued', run_at = clock_timestamp(), failure = NULL
        WHERE id IN (
            SELECT id FROM jobs
            WHERE tenant_id = $1 AND state = 'waiting' AND failure->>'waits_for' = $2
            ORDER BY seq LIMIT \(releasePage) FOR UPDATE SKIP LOCKED)
        RETURNING id, queue, tenant_id, priority
        """)

    /// Jobs released by one statement.
    static let releasePage = 500

    /// Queues the jobs of a tenant that wait for this.
    /// - Parameter awaited: as in `Failure.waitsFor`.
    package func release(waitingFor awaited: String, tenant: TenantID) async throws -> [QueuedJob] {
        var released: [QueuedJob] = []
        while true {
            let page = try await pool.query(
                Self.release, [.uuid(tenant.uuid), .text(awaited)], settings: Self.acting(for: tenant)
            ).map(Self.queued)
            released += page
            if page.count < Self.releasePage { return released }
        }
    }

    /// As above, in a transaction that acts for the tenant and makes what they wait for. The reconciler hands them
    /// over.
    package func release(
        waitingFor awaited: String, tenant: TenantID, in transaction: PostgresTransaction
    ) async throws {
        var count = Self.releasePage
        while count == Self.releasePage {
            count = try await transaction.query(Self.release, [.uuid(tenant.uuid), .text(awaited)]).count
        }
    }
}
