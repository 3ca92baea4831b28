package import Domain
package import FoundationEssentials
package import Postgres

/// What became of an Idempotency-Key.
package enum KeyClaim: Sendable, Equatable {
    /// The key is this request's now; it commits with what the request makes.
    case new
    /// The same request was accepted before, and made this.
    case replay(UUID)
    /// The key belongs to another request.
    case conflict
    /// A request with this key is being worked on at this moment.
    case inProgress
}

/// The Idempotency-Key of a request.
package struct RequestKey: Sendable {
    package var key: String
    /// SHA-256 of the request, 32 bytes.
    package var digest: [UInt8]

    package init(key: String, digest: [UInt8]) {
        self.key = key
        self.digest = digest
    }
}

extension JobStore {
    /// Takes the key, or takes it over once it is 24 hours old. Whoever finds it being taken by another transaction
    /// gets nothing, at once: the lock, not the row, tells that without waiting.
    static let claimKey = Statement(
        "idempotency.claim",
        """
        INSERT INTO idempotency_keys AS held (tenant_id, key, request_digest, job_id)
        SELECT $1::uuid, $2::text, $3::bytea, $4::uuid
        WHERE pg_try_advisory_xact_lock(hashtextextended('idempotency ' || $1 || ' ' || $2, 0))
        ON CONFLICT (tenant_id, key) DO UPDATE
            SET request_digest = excluded.request_digest, job_id = excluded.job_id, created_at = now()
            WHERE held.created_at < now() - interval '24 hours'
        RETURNING job_id
        """)

    static let heldKey = Statement(
        "idempotency.held",
        """
        SELECT job_id, request_digest FROM idempotency_keys
        WHERE tenant_id = $1 AND key = $2 AND created_at >= now() - interval '24 hours'
        """)

    /// - Parameter subject: the id of what the request makes if the key is new: a job, or a batch.
    package func claim(
        _ request: RequestKey, tenant: TenantID, for subject: UUID, in transaction: PostgresTransaction
    ) async throws -> KeyClaim {
        let claimed = try await transaction.query(
            Self.claimKey, [.uuid(tenant.uuid), .text(request.key), .bytes(request.digest), .uuid(subject)])
        if !claimed.isEmpty { return .new }
        let held = try await transaction.query(Self.heldKey, [.uuid(tenant.uuid), .text(request.key)])
        guard let held = held.first else { return .inProgress }
        return try held.bytes(1) == request.digest ? .replay(held.uuid(0)) : .conflict
    }

    static let rekey = Statement(
        "idempotency.rekey", "UPDATE idempotency_keys SET job_id = $3 WHERE tenant_id = $1 AND key = $2")

    /// The request that has the key made nothing: an earlier job stands for it.
    func rekey(_ request: RequestKey, tenant: TenantID, to job: JobID, in transaction: PostgresTransaction) async throws
    {
        _ = try await transaction.execute(Self.rekey, [.uuid(tenant.uuid), .text(request.key), .uuid(job.uuid)])
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
