package import Domain
package import FoundationEssentials
package import Postgres
import Vault

/// A watch channel, by which the provider tells that a calendar changed:
/// https://developers.google.com/workspace/calendar/api/guides/push
package struct CalendarChannel: Sendable, Equatable {
    package enum State: String, Sendable {
        /// The provider was, or is about to be, asked for it.
        case opening
        case open
        /// It is to be stopped at the provider, and then deleted.
        case closing
    }

    package var id: ChannelID
    package var calendar: CalendarID
    /// What the provider calls that which is watched. `nil`: it has not answered, and the channel cannot be stopped.
    package var resourceID: String?
    package var state: State
    /// As the provider says. `nil`: it has not answered.
    package var expiresAt: Date?
    /// When another one is to take its place.
    package var renewAt: Date?
    package var createdAt: Date
    package var notifiedAt: Date?
}

/// The watch channels of workspaces' calendars. Errors are `CalendarError` and `PostgresError`.
package struct CalendarChannels: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// An eighth of its life before its end, a day at the most, and not after the last sweep before it.
    static func renewAt(_ channel: String) -> String {
        """
        \(channel).expires_at - least(
            interval '1 day', greatest((\(channel).expires_at - \(channel).created_at) / 8, interval '75 seconds'))
        """
    }

    private static func columns(_ channel: String) -> String {
        """
        \(channel).id, \(channel).calendar_id, \(channel).resource_id, \(channel).state, \(channel).expires_at,
        \(renewAt(channel)), \(channel).created_at, \(channel).notified_at
        """
    }

    static let open = Statement(
        "channels.open",
        """
        INSERT INTO calendar_channels (id, tenant_id, calendar_id, digest)
        SELECT $1, tenant_id, id, $4 FROM calendars WHERE tenant_id = $2 AND id = $3
        """)

    /// Writes a channel down before the provider is asked for it.
    /// - Parameter digest: SHA-256 of the secret that will come with every notification.
    package func open(
        _ id: ChannelID, calendar: CalendarID, tenant: TenantID, digest: [UInt8]
    ) async throws {
        let made = try await pool.execute(
            Self.open, [.uuid(id.uuid), .uuid(tenant.uuid), .uuid(calendar.uuid), .bytes(digest)],
            settings: RowAccess.tenant(tenant))
        guard made == 1 else { throw CalendarError.notFound }
    }

    static let opened = Statement(
        "channels.opened",
        """
        UPDATE calendar_channels SET resource_id = $3, expires_at = $4,
            state = CASE WHEN state = 'opening' THEN 'open' ELSE state END
        WHERE tenant_id = $1 AND id = $2 RETURNING state = 'open'
        """)

    /// Keeps what the provider answered.
    /// - Returns: false when the channel is not needed any more, and is to be stopped.
    package func opened(
        _ id: ChannelID, resourceID: String, expiresAt: Date, tenant: TenantID
    ) async throws -> Bool {
        let rows = try await pool.query(
            Self.opened, [.uuid(tenant.uuid), .uuid(id.uuid), .text(resourceID), .timestamp(expiresAt)],
            settings: RowAccess.tenant(tenant))
        guard let row = rows.first else { throw CalendarError.notFound }
        return try row.bool(0)
    }

    static let list = Statement(
        "channels.list",
        """
        SELECT \(columns("channel")) FROM calendar_channels AS channel
        WHERE tenant_id = $1 AND calendar_id = $2 ORDER BY created_at DESC, id DESC LIMIT 100
        """)

    /// Newest first; at most 100.
    package func of(_ calendar: CalendarID, tenant: TenantID) async throws -> [CalendarChannel] {
        try await pool.query(Self.list, Calendars.name(calendar, tenant), settings: RowAccess.tenant(tenant))
            .map(CalendarChannel.init)
    }

    static let close = Statement(
        "channels.close", "UPDATE calendar_channels SET state = 'closing' WHERE tenant_id = $1 AND id = $2")

    /// Marks a channel for its end: another one has taken its place.
    package func close(_ id: ChannelID, tenant: TenantID) async throws {
        _ = try await pool.execute(
            Self.close, [.uuid(tenant.uuid), .uuid(id.uuid)], settings: RowAccess.tenant(tenant))
    }

    static let delete = Statement(
        "channels.delete", "DELETE FROM calendar_channels WHERE tenant_id = $1 AND id = $2")

    /// Forgets a channel that was stopped.
    package func delete(_ id: ChannelID, tenant: TenantID) async throws {
        _ = try await pool.execute(
            Self.delete, [.uuid(tenant.uuid), .uuid(id.uuid)], settings: RowAccess.tenant(tenant))
    }

    static let rest = Statement(
        "channels.rest",
        """
        UPDATE calendars SET watch_after = now() + $3 * interval '1 second' WHERE tenant_id = $1 AND id = $2
        """)

    /// Lets a calendar be that the provider refuses to watch: for so long nobody asks again.
    package func rest(_ calendar: CalendarID, tenant: TenantID, seconds: Int) async throws {
        _ = try await pool.execute(
            Self.rest, Calendars.name(calendar, tenant) + [.int(seconds)], settings: RowAccess.tenant(tenant))
    }

    static let ofConnection = Statement(
        "channels.of_connection",
        """
        SELECT \(columns("channel")) FROM calendar_channels AS channel
        JOIN calendars ON calendars.tenant_id = channel.tenant_id AND calendars.id = channel.calendar_id
        WHERE channel.tenant_id = $1 AND connection_id = $2 ORDER BY channel.id LIMIT 1000
        """)

    /// Those of all calendars of a connection; at most 1,000.
    package func of(connection: ConnectionID, tenant: TenantID) async throws -> [CalendarChannel] {
        try await pool.query(
            Self.ofConnection, [.uuid(tenant.uuid), .uuid(connection.uuid)], settings: RowAccess.tenant(tenant)
        ).map(CalendarChannel.init)
    }

    static let present = Statement(
        "channels.present",
        "SELECT id, resource_id, tenant_id, calendar_id FROM calendar_channels WHERE digest = $1")
    static let note = Statement(
        "channels.note",
        """
        UPDATE calendar_channels SET notified_at = now(), notifications = notifications + 1 WHERE digest = $1
        """)

    /// Whose channel a notification came by, for the gateway, which knows nothing but its secret; the channel is noted
    /// to work.
    /// - Parameters:
    ///   - digest: SHA-256 of the secret.
    ///   - resourceID: compared when it is known on both sides: the first notification may be faster than the answer
    ///     that names it.
    /// - Returns: `nil` when there is no such channel, or it has other ids.
    package func notified(
        digest: [UInt8], channel: ChannelID, resourceID: String?
    ) async throws -> (tenant: TenantID, calendar: CalendarID)? {
        let access = RowAccess.secret(digest: digest)
        guard let row = try await pool.query(Self.present, [.bytes(digest)], settings: access).first else { return nil }
        let isChannel = Digest.areEqual(ChannelID(try row.uuid(0)).description.utf8, channel.description.utf8)
        let isResource =
            if let known = try row.optionalText(1), let resourceID {
                Digest.areEqual(known.utf8, resourceID.utf8)
            } else { true }
        guard isChannel, isResource else { return nil }
        _ = try await pool.execute(Self.note, [.bytes(digest)], settings: access)
        return (TenantID(try row.uuid(2)), CalendarID(try row.uuid(3)))
    }
}

extension CalendarChannel {
    init(_ row: PostgresRow) throws {
        id = ChannelID(try row.uuid(0))
        calendar = CalendarID(try row.uuid(1))
        resourceID = try row.optionalText(2)
        guard let state = State(rawValue: try row.text(3)) else { throw CalendarError.unreadableRow(column: "state") }
        self.state = state
        expiresAt = try row.optionalTimestamp(4)
        renewAt = try row.optionalTimestamp(5)
        createdAt = try row.timestamp(6)
        notifiedAt = try row.optionalTimestamp(7)
    }
}
