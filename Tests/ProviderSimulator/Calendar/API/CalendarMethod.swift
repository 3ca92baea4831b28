/// The simulated methods, by the ids of Google's discovery document without their `calendar.`.
/// https://www.googleapis.com/discovery/v1/apis/calendar/v3/rest
enum CalendarMethod: String, CaseIterable, Sendable {
    case listCalendars = "calendarList.list"
    case getEntry = "calendarList.get"
    case getCalendar = "calendars.get"
    case listEvents = "events.list"
    case getEvent = "events.get"
    case insertEvent = "events.insert"
    case updateEvent = "events.update"
    case patchEvent = "events.patch"
    case deleteEvent = "events.delete"
    case listInstances = "events.instances"
    case watchEvents = "events.watch"
    case stopChannel = "channels.stop"
    case queryFreeBusy = "freebusy.query"

    /// As an error's details name it.
    var rpcName: String {
        let parts = rawValue.split(separator: ".").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        return "calendar.v3.\(parts.joined(separator: "."))"
    }

    /// Of which a token must have one. The partial ones of the document (`calendar.app.created`,
    /// `calendar.events.freebusy`, `calendar.events.public.readonly` and the like) open nothing here.
    var scopes: [String] {
        let names: [String] =
            switch self {
            case .listCalendars, .getEntry:
                ["calendar", "calendar.readonly", "calendar.calendarlist", "calendar.calendarlist.readonly"]
            case .getCalendar:
                ["calendar", "calendar.readonly", "calendar.calendars", "calendar.calendars.readonly"]
            case .listEvents, .getEvent, .listInstances, .watchEvents:
                ["calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly"]
            case .insertEvent, .updateEvent, .patchEvent, .deleteEvent: ["calendar", "calendar.events"]
            case .stopChannel:
                [
                    "calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly",
                    "calendar.calendarlist", "calendar.calendarlist.readonly", "calendar.settings.readonly",
                ]
            case .queryFreeBusy: ["calendar", "calendar.readonly", "calendar.freebusy", "calendar.events.freebusy"]
            }
        return names.map { "https://www.googleapis.com/auth/\($0)" }
    }

    /// Whether it changes a calendar's events.
    var writes: Bool { [.insertEvent, .updateEvent, .patchEvent, .deleteEvent].contains(self) }
}
