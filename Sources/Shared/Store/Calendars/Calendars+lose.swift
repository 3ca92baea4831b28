import Domain
package import Postgres

extension Calendars {
    /// Its channels are closed by whoever can ask the provider to.
    static let closeChannels = Statement(
        "calendars.close_channels",
        """
        UPDATE calendar_channels SET state = 'closing' WHERE tenant_id = $1 AND calendar_id = $2 AND state <> 'closing'
        """)

    static let lose = Statement(
        "calendars.lose",
        """
        UPDATE calendars SET version = $5, event_count = $6, sync_token = NULL, state = 'unavailable', reason = $7,
            lost_at = now(), next_sync_at = now() + interval '1 day'
        WHERE tenant_id = $1 AND id = $2 AND generation = $3 AND sync_token IS NOT DISTINCT FROM $4::text
        """)

    /// Says that a calendar cannot be read, in a transaction that acts for the workspace: its events are deleted here,
    /// its token is dropped, and its channels are to be closed. It is tried again once a day, unless the account's list
    /// says that it cannot be read.
    /// - Parameter reason: the provider's, or one of `UnavailableReason`.
    /// - Throws: `superseded`.
    package func lose(_ run: SyncRun, reason: String, in transaction: PostgresTransaction) async throws {
        try await clear(run, Self.lose, [.text(UnavailableReason.stored(reason))], in: transaction)
    }

    static let empty = Statement(
        "calendars.empty",
        """
        UPDATE calendars SET version = $5, event_count = $6, sync_token = NULL, state = 'pending', reason = NULL,
            lost_at = NULL
        WHERE tenant_id = $1 AND id = $2 AND generation = $3 AND sync_token IS NOT DISTINCT FROM $4::text
        """)

    /// As `lose`, for a calendar that nobody wants mirrored any more.
    package func empty(_ run: SyncRun, in transaction: PostgresTransaction) async throws {
        try await clear(run, Self.empty, [], in: transaction)
    }

    private func clear(
        _ run: SyncRun, _ statement: Statement, _ values: [PostgresValue], in transaction: PostgresTransaction
    ) async throws {
        var tally = try await hold(run, in: transaction)
        try await delete(Self.everything, of: run, &tally, in: transaction)
        _ = try await transaction.execute(Self.closeChannels, run.name)
        guard try await transaction.execute(statement, run.fence + tally.values + values) == 1 else {
            throw CalendarError.superseded
        }
    }
}
