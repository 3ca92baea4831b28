import Postgres

extension JobStore {
    static let closeGates = Statement(
        "gates.close",
        """
        INSERT INTO gates (key, closed_until, code)
        SELECT key, clock_timestamp() + max(seconds) * interval '1 second', min(code)
        FROM unnest($1::text[], $2::float8[], $3::text[]) AS given (key, seconds, code)
        GROUP BY key ORDER BY key
        ON CONFLICT (key) DO UPDATE SET
            closed_at = CASE WHEN gates.closed_until > clock_timestamp() THEN gates.closed_at ELSE now() END,
            closed_until = greatest(gates.closed_until, excluded.closed_until), code = excluded.code
        """)

    /// A provider said that a quota is used up.
    package struct GateClosing: Sendable {
        package var key: String
        /// From now.
        package var seconds: Double
        /// What the provider's answer was classified as.
        package var code: String

        package init(key: String, seconds: Double, code: String) {
            self.key = key
            self.seconds = seconds
            self.code = code
        }
    }

    /// Holds back what shares these quotas. A gate that is closed for longer stays so.
    package func close(_ gates: [GateClosing]) async throws {
        guard !gates.isEmpty else { return }
        _ = try await pool.execute(
            Self.closeGates,
            [.texts(gates.map(\.key)), .doubles(gates.map(\.seconds)), .texts(gates.map(\.code))])
    }
}
