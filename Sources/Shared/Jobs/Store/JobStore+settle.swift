package import Domain
package import Postgres

/// The end of one attempt, on its way into the table.
package struct Settling: Sendable {
    package var job: JobID
    package var attempt: Int
    package var settlement: Settlement
    /// The attempt's last event. `nil` when it emitted none.
    package var lastSequence: Int?

    package init(job: JobID, attempt: Int, settlement: Settlement, lastSequence: Int?) {
        self.job = job
        self.attempt = attempt
        self.settlement = settlement
        self.lastSequence = lastSequence
    }
}

extension JobStore {
    /// Fenced: changes nothing unless the row still carries this attempt and this worker. A cancellation that was asked
    /// for in the meantime wins over going back to a queue. A row has a worker only while it is running.
    static let settle = Statement(
        "jobs.settle",
        """
        UPDATE jobs AS job
        SET state = CASE WHEN new.is_end OR job.cancel_requested_at IS NULL THEN new.state ELSE 'cancelled' END,
            attempts_spent = job.attempts_spent - new.refund,
            run_at = CASE new.state
                WHEN 'scheduled' THEN clock_timestamp() + new.delay * interval '1 millisecond'
                WHEN 'queued' THEN clock_timestamp() ELSE job.run_at END,
            worker_id = NULL, result = new.result, failure = new.failure,
            last_sequence = nullif(new.last_sequence, -1),
            finished_at = CASE WHEN new.is_end OR job.cancel_requested_at IS NOT NULL THEN clock_timestamp() END
        FROM (
            SELECT *, state IN ('succeeded', 'failed', 'cancelled') AS is_end
            FROM unnest($1::uuid[], $2::int4[], $3::text[], $4::int8[], $5::int4[], $6::jsonb[], $7::jsonb[],
                        $8::int4[])
                AS given (id, attempt, state, delay, refund, result, failure, last_sequence)
        ) AS new
        WHERE job.id = new.id AND job.attempt = new.attempt AND job.worker_id = $9
        RETURNING job.id, job.state
        """)

    /// - Returns: for each settling the state its job has now, or `nil` when the attempt was no longer the current one
    ///   and nothing was changed.
    package func settle(_ settlings: [Settling], by worker: WorkerID) async throws -> [JobState?] {
        let rows = try await pool.query(Self.settle, Self.parameters(settlings, worker))
        return try Self.states(of: settlings, rows)
    }

    /// The same in a transaction that writes the attempt's own rows; roll it back when the answer is `nil`.
    package func settle(
        _ settling: Settling, by worker: WorkerID, in transaction: PostgresTransaction
    ) async throws -> JobState? {
        let rows = try await transaction.query(Self.settle, Self.parameters([settling], worker))
        return try Self.states(of: [settling], rows)[0]
    }

    private static func parameters(_ settlings: [Settling], _ worker: WorkerID) -> [PostgresValue] {
        [
            .uuids(settlings.map(\.job.uuid)), .int32s(settlings.map { Int32(clamping: $0.attempt) }),
            .texts(settlings.map(\.settlement.state.rawValue)),
            .ints(settlings.map { Int($0.settlement.delaySeconds * 1000) }),
            .int32s(settlings.map { $0.settlement.refundsAttempt ? 1 : 0 }),
            .jsons(settlings.map(\.settlement.result)),
            .jsons(settlings.map { $0.settlement.failure.map(FailureColumn.encode) }),
            .int32s(settlings.map { $0.lastSequence.map(Int32.init(clamping:)) ?? -1 }), .uuid(worker.uuid),
        ]
    }

    private static func states(of settlings: [Settling], _ rows: [PostgresRow]) throws -> [JobState?] {
        var states: [JobID: JobState] = [:]
        for row in rows { states[JobID(try row.uuid(0))] = try row.state(1) }
        return settlings.map { states[$0.job] }
    }

    /// The next job of each ordering key that waits in its queue. Read after the commit that ended the one before, so
    /// that a claim which still saw that one running has already been answered "not yet".
    static let nextInOrder = Statement(
        "jobs.next_in_order",
        """
        SELECT next.id, next.queue, next.tenant_id, next.priority
        FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::text[]) AS given (tenant_id, ordering_key)) AS ended
        CROSS JOIN LATERAL (
            SELECT id, queue, tenant_id, priority, state FROM jobs
            WHERE jobs.tenant_id = ended.tenant_id AND jobs.ordering_key = ended.ordering_key
              AND jobs.state IN ('scheduled', 'queued', 'running', 'waiting')
            ORDER BY seq LIMIT 1
        ) AS next
        WHERE next.state = 'queued'
        """)

    /// - Parameter actingFor: the tenant a gateway acts for; a worker sees them all.
    package func nextInOrder(
        after ended: [(tenant: TenantID, orderingKey: String)], actingFor tenant: TenantID? = nil
    ) async throws -> [QueuedJob] {
        guard !ended.isEmpty else { return [] }
        return try await pool.query(
            Self.nextInOrder, [.uuids(ended.map(\.tenant.uuid)), .texts(ended.map(\.orderingKey))],
            settings: tenant.map { Self.acting(for: $0) } ?? []
        ).map(Self.queued)
    }

    static let writeProgress = Statement(
        "jobs.write_progress",
        "UPDATE jobs SET progress = $3 WHERE id = $1 AND attempt = $2::int4 AND worker_id = $4 RETURNING id")

    /// Fenced like a settle: false when the attempt is not the current one.
    package func write(progress: [UInt8], of job: JobID, attempt: Int, by worker: WorkerID) async throws -> Bool {
        try await !pool.query(
            Self.writeProgress,
            [.uuid(job.uuid), .int32(Int32(clamping: attempt)), .json(progress), .uuid(worker.uuid)]
        ).isEmpty
    }
}
