import Domain
import FoundationEssentials
import Hummingbird
import Store
import Vault

/// A calendar as the API shows it.
struct CalendarAnswer {
    let calendar: MirroredCalendar
    /// The name of the account that it belongs to.
    let account: String

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            writeLasting(to: &object)
            object.field("synced_at", calendar.syncedAt)
        }
    }

    /// All but the time, which changes with every look at the provider, whether there was anything new or not.
    func writeLasting(to object: inout JSONWriter) {
        object.field("id", calendar.id.description)
        object.field("connection_id", calendar.connection.description)
        object.field("account", account)
        object.field("title", calendar.title)
        object.field("description", calendar.description)
        object.field("time_zone", calendar.timeZone)
        object.field("color", calendar.color)
        object.field("access_role", calendar.accessRole)
        object.field("primary", calendar.isPrimary)
        object.field("selected", calendar.isSelected)
        object.field("state", calendar.state.rawValue)
        object.field("reason", calendar.reason)
        object.field("version", calendar.version)
    }

    func response() -> Response {
        var writer = JSONWriter(capacity: 1024)
        write(to: &writer)
        return .json(writer)
    }
}

/// All calendars of a workspace.
struct CalendarListing: Sendable {
    let calendars: [MirroredCalendar]
    let accounts: [ConnectionID: String]
    /// Changes when a calendar does, but not with the time of its last sync: a weak one (RFC 9110 section 8.8.1).
    let tag: String

    init(_ calendars: [MirroredCalendar], accounts: [ConnectionID: String]) {
        (self.calendars, self.accounts) = (calendars, accounts)
        var lasting = JSONWriter(capacity: 512 * (calendars.count + 1))
        lasting.array { array in
            for calendar in calendars {
                array.object { object in
                    Self.answer(calendar, accounts).writeLasting(to: &object)
                    object.field("synced", calendar.syncedAt != nil)
                }
            }
        }
        let digest = Digest.sha256(lasting.bytes).prefix(8)
        tag = "W/\"" + digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "\""
    }

    private static func answer(
        _ calendar: MirroredCalendar, _ accounts: [ConnectionID: String]
    ) -> CalendarAnswer {
        CalendarAnswer(calendar: calendar, account: accounts[calendar.connection] ?? "")
    }

    func response() -> Response {
        var writer = JSONWriter(capacity: 512 * (calendars.count + 1))
        writer.object { object in
            object.key("calendars")
            object.array { array in for calendar in calendars { Self.answer(calendar, accounts).write(to: &array) } }
        }
        return .json(writer, headers: [.eTag: tag])
    }
}
