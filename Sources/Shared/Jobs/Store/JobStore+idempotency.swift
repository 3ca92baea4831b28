package import Domain
package import Postgres

/// What became of an Idempotency-Key.
package enum KeyClaim: Sendable, Equatable {
    /// The key is this request's now; it commits with the job.
    case new
    /// The same request was accepted before, as this job.
    case replay(JobID)
    /// The key belongs to another request.
    case conflict
}

extension JobStore {
    /// Takes the key, or takes it over once it is 24 hours old. While another transaction holds it uncommitted, this
    /// waits for that one to end.
    static let claimKey = Statement(
        "idempotency.claim",
        """
        INSERT INTO idempotency_keys AS held (tenant_id, key, request_digest, job_id)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, key) DO UPDATE
            SET request_digest = excluded.request_digest, job_id = excluded.job_id, created_at = now()
            WHERE held.created_at < now() - interval '24 hours'
        RETURNING job_id
        """)

    static let heldKey = Statement(
        "idempotency.held", "SELECT job_id, request_digest FROM idempotency_keys WHERE tenant_id = $1 AND key = $2")

    /// - Parameters:
    ///   - digest: SHA-256 of the request, 32 bytes.
    ///   - job: the id the request's job gets if the key is new.
    package func claim(
        key: String, digest: [UInt8], tenant: TenantID, job: JobID, in transaction: PostgresTransaction
    ) async throws -> KeyClaim {
        let claimed = try await transaction.query(
            Self.claimKey, [.uuid(tenant.uuid), .text(key), .bytes(digest), .uuid(job.uuid)])
        if !claimed.isEmpty { return .new }
        guard let held = try await transaction.query(Self.heldKey, [.uuid(tenant.uuid), .text(key)]).first else {
            // Pruned between the two statements: the client's next try finds it free.
            return .conflict
        }
        return try held.bytes(1) == digest ? .replay(JobID(held.uuid(0))) : .conflict
    }

    static let pruneKeys = Statement(
        "idempotency.prune",
        """
        DELETE FROM idempotency_keys WHERE (tenant_id, key) IN (
            SELECT tenant_id, key FROM idempotency_keys
            WHERE created_at < now() - interval '24 hours' ORDER BY created_at LIMIT 1000)
        """)

    /// Forgets keys older than 24 hours, at most 1,000 a call. Returns how many.
    package func pruneKeys() async throws -> Int { try await pool.execute(Self.pruneKeys) }
}
