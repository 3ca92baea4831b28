package import Domain
package import FoundationEssentials
package import Postgres

/// What is due of the calendars of all workspaces. For the worker's role, as an operator. Errors are `PostgresError`.
package struct CalendarSweep: Sendable {
    let pool: PostgresPool
    let scopes: [String]

    /// - Parameter scopes: a connection is one for calendars when it was granted any of these.
    package init(pool: PostgresPool, scopes: [String] = Self.scopes) {
        self.pool = pool
        self.scopes = scopes
    }

    /// https://developers.google.com/workspace/calendar/api/auth
    package static let scopes = [
        "https://www.googleapis.com/auth/calendar", "https://www.googleapis.com/auth/calendar.events",
    ]

    /// Rows of one page.
    package static let page = 500

    private static let isUsable = "connections.state = 'active' AND connections.provider = 'google' AND scopes && $1"

    /// A calendar whose events are to be read.
    package struct DueCalendar: Sendable, Equatable {
        package var calendar: CalendarID
        package var tenant: TenantID
        package var dueAt: Date
    }

    static let dueCalendars = Statement(
        "sweep.due_calendars",
        """
        SELECT calendars.id, calendars.tenant_id, next_sync_at
        FROM calendars JOIN connections
            ON connections.tenant_id = calendars.tenant_id AND connections.id = calendars.connection_id
        WHERE is_selected AND next_sync_at <= now()
          AND (calendars.state <> 'unavailable'
               OR calendars.reason NOT IN ('\(UnavailableReason.notListed)', '\(UnavailableReason.freeBusyOnly)'))
          AND (next_sync_at, calendars.id) > ($2, $3) AND \(isUsable)
        ORDER BY next_sync_at, calendars.id LIMIT \(page)
        """)

    /// A page of those that are due, the latest first to have been read first.
    /// - Parameter last: of the page before.
    package func dueCalendars(after last: DueCalendar?) async throws -> [DueCalendar] {
        try await rows(Self.dueCalendars, after: last?.dueAt, last?.calendar.uuid).map { row in
            DueCalendar(
                calendar: CalendarID(try row.uuid(0)), tenant: TenantID(try row.uuid(1)), dueAt: try row.timestamp(2))
        }
    }

    /// An account whose list of calendars is to be read.
    package struct DueList: Sendable, Equatable {
        package var connection: ConnectionID
        package var tenant: TenantID
        package var dueAt: Date
    }

    static let dueLists = Statement(
        "sweep.due_lists",
        """
        SELECT connection_id, list.tenant_id, next_sync_at
        FROM calendar_lists AS list JOIN connections
            ON connections.tenant_id = list.tenant_id AND connections.id = list.connection_id
        WHERE next_sync_at <= now() AND (next_sync_at, connection_id) > ($2, $3) AND \(isUsable)
        ORDER BY next_sync_at, connection_id LIMIT \(page)
        """)

    package func dueLists(after last: DueList?) async throws -> [DueList] {
        try await rows(Self.dueLists, after: last?.dueAt, last?.connection.uuid).map { try DueList($0) }
    }

    static let newAccounts = Statement(
        "sweep.new_calendar_accounts",
        """
        SELECT connections.id, connections.tenant_id, connections.created_at FROM connections
        WHERE (connections.created_at, connections.id) > ($2, $3) AND \(isUsable)
          AND NOT EXISTS (
            SELECT FROM calendar_lists AS list
            WHERE list.tenant_id = connections.tenant_id AND list.connection_id = connections.id)
        ORDER BY connections.created_at, connections.id LIMIT \(page)
        """)

    /// A page of accounts whose list was never asked for.
    package func newAccounts(after last: DueList?) async throws -> [DueList] {
        try await rows(Self.newAccounts, after: last?.dueAt, last?.connection.uuid).map { try DueList($0) }
    }

    /// A calendar whose watch channels need somebody.
    package struct DueChannel: Sendable, Equatable {
        package var channel: ChannelID
        package var calendar: CalendarID
        package var tenant: TenantID
        package var expiresAt: Date
    }

    static let dueChannels = Statement(
        "sweep.due_channels",
        """
        SELECT channel.id, channel.calendar_id, channel.tenant_id, channel.expires_at
        FROM calendar_channels AS channel
        JOIN calendars ON calendars.tenant_id = channel.tenant_id AND calendars.id = channel.calendar_id
        JOIN connections
            ON connections.tenant_id = calendars.tenant_id AND connections.id = calendars.connection_id
        WHERE (channel.state = 'open' AND channel.expires_at <= now() + interval '1 day'
               AND \(CalendarChannels.renewAt("channel")) <= now() AND coalesce(watch_after <= now(), true)
               OR channel.state = 'closing' AND channel.expires_at > now())
          AND (channel.expires_at, channel.id) > ($2, $3) AND \(isUsable)
        ORDER BY channel.expires_at, channel.id LIMIT \(page)
        """)

    /// A page of channels that are to be replaced, or to be stopped; the first to end first.
    package func dueChannels(after last: DueChannel?) async throws -> [DueChannel] {
        try await rows(Self.dueChannels, after: last?.expiresAt, last?.channel.uuid).map {
            DueChannel(
                channel: ChannelID(try $0.uuid(0)), calendar: CalendarID(try $0.uuid(1)),
                tenant: TenantID(try $0.uuid(2)), expiresAt: try $0.timestamp(3))
        }
    }

    static let unwatched = Statement(
        "sweep.unwatched_calendars",
        """
        SELECT calendars.id, calendars.tenant_id, calendars.created_at
        FROM calendars JOIN connections
            ON connections.tenant_id = calendars.tenant_id AND connections.id = calendars.connection_id
        WHERE is_selected AND calendars.state = 'ready' AND (calendars.created_at, calendars.id) > ($2, $3)
          AND coalesce(watch_after <= now(), true) AND \(isUsable)
          AND NOT EXISTS (
            SELECT FROM calendar_channels AS channel
            WHERE channel.tenant_id = calendars.tenant_id AND channel.calendar_id = calendars.id
              AND (channel.state = 'open' OR channel.state = 'opening'
                   AND channel.created_at > now() - interval '10 minutes'))
        ORDER BY calendars.created_at, calendars.id LIMIT \(page)
        """)

    /// A page of calendars that are read and that nobody watches. `dueAt` is when the calendar was first seen.
    package func unwatched(after last: DueCalendar?) async throws -> [DueCalendar] {
        try await rows(Self.unwatched, after: last?.dueAt, last?.calendar.uuid).map { row in
            DueCalendar(
                calendar: CalendarID(try row.uuid(0)), tenant: TenantID(try row.uuid(1)), dueAt: try row.timestamp(2))
        }
    }

    private func rows(
        _ statement: Statement, after date: Date?, _ id: UUID?
    ) async throws -> [PostgresRow] {
        let none = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        return try await pool.query(
            statement, [.texts(scopes), .timestamp(date ?? .distantPast), .uuid(id ?? none)],
            settings: RowAccess.operators)
    }
}

extension CalendarSweep.DueList {
    fileprivate init(_ row: PostgresRow) throws {
        connection = ConnectionID(try row.uuid(0))
        tenant = TenantID(try row.uuid(1))
        dueAt = try row.timestamp(2)
    }
}
