import Domain
import FoundationEssentials
import Postgres

extension JobStore {
    static let readStates = Statement(
        "stats.read",
        "SELECT states, counted_at, extract(epoch FROM clock_timestamp() - counted_at)::float8 FROM queue_states")

    static let lockStates = Statement(
        "stats.lock", "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' queue states', 0))")

    static let writeStates = Statement(
        "stats.write",
        """
        INSERT INTO queue_states (counted_at, states) VALUES (clock_timestamp(), $1)
        ON CONFLICT (is_only) DO UPDATE SET counted_at = excluded.counted_at, states = excluded.states
        """)

    static let queueSettings = Statement(
        "stats.queue_settings", "SELECT name, paused_at IS NOT NULL, max_running FROM queues ORDER BY name LIMIT 1000")

    /// How old a count may be at least, whoever asks, in multiples of what it took.
    private static let restFactor = 50.0

    /// The state of all queues, counted by anybody within the last `maxAge`, or now; what operators have set is of now.
    /// While somebody else counts, or when counting takes long, an older count is told.
    package func queueStates(maxAge: Duration = .seconds(5)) async throws -> CountedStates {
        var counted = try await counted(maxAge)
        for row in try await pool.query(Self.queueSettings) {
            counted.set(try row.text(0), isPaused: try row.bool(1), maxRunning: try row.optionalInt(2))
        }
        return counted
    }

    private func counted(_ maxAge: Duration) async throws -> CountedStates {
        while true {
            let row = try await pool.query(Self.readStates).first
            if let row, let counted = try Self.counted(row) {
                let limit = max(maxAge / .seconds(1), Self.restFactor * counted.states.countingSeconds)
                if try row.double(2) <= limit { return counted }
            }
            if let counted = try await countAlone() { return counted }
            if let row, let counted = try Self.counted(row) { return counted }
            // The first count of all is under way.
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// `nil`: somebody else is counting.
    private func countAlone() async throws -> CountedStates? {
        try await pool.transaction { transaction in
            guard try await transaction.query(Self.lockStates)[0].bool(0) else { return nil }
            let states = try await countQueues(in: transaction)
            let json = [UInt8](try JSONEncoder().encode(states))
            _ = try await transaction.execute(Self.writeStates, [.json(json)])
            return CountedStates(states: states, countedAt: Date())
        }
    }

    /// `nil`: another version wrote it.
    private static func counted(_ row: PostgresRow) throws -> CountedStates? {
        guard let states = try? JSONDecoder().decode(QueueStates.self, from: Data(try row.json(0))) else { return nil }
        return CountedStates(states: states, countedAt: try row.timestamp(1))
    }
}
