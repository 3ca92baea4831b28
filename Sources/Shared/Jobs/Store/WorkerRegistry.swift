package import Domain
package import Postgres

/// The table of living workers.
package struct WorkerRegistry: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    package struct Entry: Sendable {
        package var id: WorkerID
        package var host: String
        package var processID: Int32
        package var queues: [QueueName]
        package var concurrency: Int

        package init(id: WorkerID, host: String, processID: Int32, queues: [QueueName], concurrency: Int) {
            self.id = id
            self.host = host
            self.processID = processID
            self.queues = queues
            self.concurrency = concurrency
        }
    }

    /// Another worker, as the table shows it.
    package struct Peer: Sendable, Equatable {
        package var id: WorkerID
        package var beat: Int
        package var queues: [QueueName]

        package init(id: WorkerID, beat: Int, queues: [QueueName]) {
            self.id = id
            self.beat = beat
            self.queues = queues
        }
    }

    static let register = Statement(
        "workers.register",
        """
        INSERT INTO workers (id, host, pid, queues, concurrency) VALUES ($1, $2, $3::int4, $4, $5::int4)
        ON CONFLICT (id) DO NOTHING
        """)

    package func register(_ entry: Entry) async throws {
        let queues = PostgresValue.texts(entry.queues.map(\.rawValue))
        _ = try await pool.execute(
            Self.register,
            [
                .uuid(entry.id.uuid), .text(entry.host), .int32(entry.processID), queues,
                .int32(Int32(clamping: entry.concurrency)),
            ])
    }

    static let beat = Statement(
        "workers.beat", "UPDATE workers SET beat = beat + 1, beat_at = clock_timestamp() WHERE id = $1")

    /// Says "I live". False when the worker is registered no longer: others have declared it dead.
    package func beat(_ id: WorkerID) async throws -> Bool {
        try await pool.execute(Self.beat, [.uuid(id.uuid)]) == 1
    }

    static let tell = Statement("workers.tell", "UPDATE workers SET recent = $2 WHERE id = $1")

    /// - Parameter recent: see `RecentWork.report`.
    func tell(_ recent: [UInt8], of id: WorkerID) async throws {
        _ = try await pool.execute(Self.tell, [.uuid(id.uuid), .json(recent)])
    }

    static let cancelRequests = Statement(
        "workers.cancel_requests",
        "SELECT id FROM jobs WHERE worker_id = $1 AND state = 'running' AND cancel_requested_at IS NOT NULL")

    /// Jobs this worker runs and somebody wants cancelled. The signal through Redis is faster; this one cannot be lost.
    package func cancelRequests(_ id: WorkerID) async throws -> [JobID] {
        try await pool.query(Self.cancelRequests, [.uuid(id.uuid)]).map { JobID(try $0.uuid(0)) }
    }

    static let peers = Statement("workers.peers", "SELECT id, beat, queues FROM workers WHERE id <> $1")

    package func peers(of id: WorkerID) async throws -> [Peer] {
        try await pool.query(Self.peers, [.uuid(id.uuid)]).map { row in
            Peer(
                id: WorkerID(try row.uuid(0)), beat: try row.int(1),
                queues: try row.texts(2).compactMap { QueueName($0) })
        }
    }

    static let bury = Statement(
        "workers.bury",
        """
        WITH dead AS (DELETE FROM workers WHERE id = $1 AND beat = $2 RETURNING id, host, pid, queues)
        INSERT INTO buried_workers (id, host, pid, queues) SELECT id, host, pid, queues FROM dead
        """)

    /// Declares a worker dead, unless it has spoken since. Its claims that are under way either commit before this, or
    /// find themselves without a worker. True when it was buried by this call.
    package func bury(_ peer: Peer) async throws -> Bool {
        try await pool.execute(Self.bury, [.uuid(peer.id.uuid), .int(peer.beat)]) == 1
    }

    static let toReturn = Statement(
        "workers.to_return",
        "SELECT id, queues FROM buried_workers WHERE returned_at IS NULL ORDER BY buried_at LIMIT 100")

    static let returned = Statement(
        "workers.returned", "UPDATE buried_workers SET returned_at = clock_timestamp() WHERE id = $1")

    /// Buried workers whose taken lists nobody has emptied yet.
    package func unreturned() async throws -> [(id: WorkerID, queues: [QueueName])] {
        try await pool.query(Self.toReturn).map { row in
            (WorkerID(try row.uuid(0)), try row.texts(1).compactMap { QueueName($0) })
        }
    }

    /// The taken lists of a buried worker are empty now.
    package func noteReturned(_ id: WorkerID) async throws {
        _ = try await pool.execute(Self.returned, [.uuid(id.uuid)])
    }

    static let survive = Statement(
        "workers.survive", "UPDATE buried_workers SET survived_at = clock_timestamp() WHERE id = $1")

    /// A process that was buried under this id lives: no job has taken it down.
    package func survive(_ id: WorkerID) async throws { _ = try await pool.execute(Self.survive, [.uuid(id.uuid)]) }

    static let retire = Statement("workers.retire", "DELETE FROM workers WHERE id = $1")

    /// A worker's own goodbye.
    package func retire(_ id: WorkerID) async throws { _ = try await pool.execute(Self.retire, [.uuid(id.uuid)]) }
}
