package import Domain
package import FoundationEssentials
import Postgres

/// A calendar of a connected account, and how far its mirror is.
package struct MirroredCalendar: Sendable {
    package var id: CalendarID
    package var tenant: TenantID
    package var connection: ConnectionID
    /// What the provider calls it.
    package var externalID: String
    package var title: String
    package var description: String?
    /// IANA.
    package var timeZone: String
    /// `#rrggbb`.
    package var color: String?
    /// `freeBusyReader`, `reader`, `writer` or `owner`.
    package var accessRole: String
    package var isPrimary: Bool
    /// False: somebody wants it not mirrored.
    package var isSelected: Bool
    package var state: CalendarState
    /// Why it is unavailable: the provider's reason in lower case with underscores, or one of `UnavailableReason`.
    package var reason: String?
    /// The number of the last change of its events.
    package var version: Int
    /// Changes up to this one may have lost their tombstones.
    package var prunedVersion: Int
    /// Events that are here, holes included.
    package var eventCount: Int
    package var syncedAt: Date?
    package var fullSyncedAt: Date?
    /// When it is read again, though nobody tells of a change.
    package var nextSyncAt: Date

    /// UTC where Foundation does not know the zone.
    package var zone: ZoneOffsets { ZoneOffsets(iana: timeZone) ?? .utc }

    /// Whether its account may change its events.
    package var canWrite: Bool { ["owner", "writer", "writerWithoutPrivateAccess"].contains(accessRole) }

    static let columns = """
        id, tenant_id, connection_id, external_id, title, description, time_zone, color, access_role, is_primary,
        is_selected, state, reason, version, pruned_version, event_count, synced_at, full_synced_at, next_sync_at
        """
    static let columnCount = 19

    init(_ row: PostgresRow) throws {
        id = CalendarID(try row.uuid(0))
        tenant = TenantID(try row.uuid(1))
        connection = ConnectionID(try row.uuid(2))
        externalID = try row.text(3)
        title = try row.text(4)
        description = try row.optionalText(5)
        timeZone = try row.text(6)
        color = try row.optionalText(7)
        accessRole = try row.text(8)
        isPrimary = try row.bool(9)
        isSelected = try row.bool(10)
        guard let state = CalendarState(rawValue: try row.text(11)) else {
            throw CalendarError.unreadableRow(column: "state")
        }
        self.state = state
        reason = try row.optionalText(12)
        version = try row.int(13)
        prunedVersion = try row.int(14)
        eventCount = try row.int(15)
        syncedAt = try row.optionalTimestamp(16)
        fullSyncedAt = try row.optionalTimestamp(17)
        nextSyncAt = try row.timestamp(18)
    }
}

/// Why a calendar is unavailable, where the provider has not refused it.
package enum UnavailableReason {
    /// It has more than `Calendars.maxEventsPerCalendar` events.
    package static let tooManyEvents = "too_many_events"
    /// Its account sees when it is busy, and no events.
    package static let freeBusyOnly = "free_busy_only"
    /// It is in its account's list no more.
    package static let notListed = "not_listed"

    /// As the table wants it: `notACalendarUser` becomes `not_a_calendar_user`.
    static func stored(_ reason: String) -> String {
        var text = ""
        for scalar in reason.unicodeScalars.prefix(100) {
            switch scalar {
            case "a"..."z", "0"..."9", "_": text.unicodeScalars.append(scalar)
            case "A"..."Z":
                if !text.isEmpty { text += "_" }
                text += scalar.properties.lowercaseMapping
            default: text += "_"
            }
        }
        text = String(text.drop { !("a"..."z").contains($0) }.prefix(63))
        return text.isEmpty ? "unknown" : text
    }
}

package enum CalendarError: Error, Equatable {
    /// There is none with this id in the workspace.
    case notFound
    /// Another reading of the same calendar or list began meanwhile, or ended; or it is gone. Nothing was written.
    case superseded
    /// What a cursor goes on from is no longer known: whoever holds it begins anew.
    case cursorOver
    /// More than `Calendars.maxEventsPerCalendar`; `Calendars.lose` with `UnavailableReason.tooManyEvents` says so.
    case tooManyEvents
    /// The database holds something that this version cannot read.
    case unreadableRow(column: String)
}
