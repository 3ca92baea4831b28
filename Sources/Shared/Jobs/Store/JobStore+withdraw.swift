package import Domain
package import Postgres

extension JobStore {
    static let withdraw = Statement(
        "jobs.withdraw",
        """
        UPDATE jobs
        SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()), state = 'cancelled',
            finished_at = clock_timestamp()
        WHERE tenant_id = $1 AND ordering_key = $2 AND kind = $3 AND state IN ('scheduled', 'queued', 'waiting')
        """)

    /// Cancels jobs of a kind that are in the way of one with the same ordering key, in the transaction that makes that
    /// one. What runs goes on.
    package func withdraw(
        _ kind: JobKind, orderingKey: String, tenant: TenantID, in transaction: PostgresTransaction
    ) async throws {
        _ = try await transaction.execute(
            Self.withdraw, [.uuid(tenant.uuid), .text(orderingKey), .text(kind.rawValue)])
    }
}
