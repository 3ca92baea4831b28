import Domain
import FoundationEssentials
import Hummingbird

/// One taking place of an event, as the API shows it.
struct OccurrenceAnswer {
    let entry: Agenda.Entry

    func write(to writer: inout JSONWriter) {
        let (occurrence, event) = (entry.occurrence, entry.occurrence.event)
        writer.object { object in
            object.field("id", occurrence.id)
            object.field("calendar_id", entry.calendar.description)
            object.field("event_id", event.id)
            object.field("start", occurrence.start)
            object.field("end", occurrence.end)
            object.field("start_at", entry.interval.lowerBound)
            object.field("end_at", entry.interval.upperBound)
            object.field("all_day", isAllDay)
            object.field("summary", event.summary)
            object.field("description", event.description)
            object.field("location", event.location)
            object.field("status", event.status.rawValue)
            object.field("recurring", occurrence.isRecurring)
            object.field("series_id", event.isMaster ? event.id : event.series)
            object.field("original_start", occurrence.original)
            object.field("transparency", event.transparency)
            object.field("visibility", event.visibility)
            object.field("type", event.type)
            object.field("color", event.color)
            object.field("link", event.link)
            object.field("conference_link", event.conferenceLink)
            object.key("organizer")
            Self.write(event.organizer, to: &object)
            object.key("attendees")
            object.array { array in for attendee in event.attendees ?? [] { Self.write(attendee, to: &array) } }
            object.field("etag", event.etag)
        }
    }

    private var isAllDay: Bool {
        if case .day = entry.occurrence.start { true } else { false }
    }

    private static func write(_ person: CalendarEvent.Person?, to writer: inout JSONWriter) {
        guard let person else { return writer.null() }
        writer.object { object in
            if let email = person.email { object.field("email", email) }
            if let name = person.displayName { object.field("displayName", name) }
            if let isOwner = person.`self` { object.field("self", isOwner) }
        }
    }

    /// By the names that an event has them by.
    private static func write(_ attendee: CalendarEvent.Attendee, to writer: inout JSONWriter) {
        writer.object { object in
            if let email = attendee.email { object.field("email", email) }
            if let name = attendee.displayName { object.field("displayName", name) }
            if let status = attendee.responseStatus { object.field("responseStatus", status) }
            if let isOptional = attendee.optional { object.field("optional", isOptional) }
            if let isOrganizer = attendee.organizer { object.field("organizer", isOrganizer) }
            if let isResource = attendee.resource { object.field("resource", isResource) }
            if let isOwner = attendee.`self` { object.field("self", isOwner) }
        }
    }

    static func response(_ entries: [Agenda.Entry], isComplete: Bool, zone: ZoneOffsets) -> Response {
        var writer = JSONWriter(capacity: 768 * (entries.count + 1))
        writer.object { object in
            object.key("events")
            object.array { array in for entry in entries { OccurrenceAnswer(entry: entry).write(to: &array) } }
            object.field("complete", isComplete)
            object.field("zone", zone.name)
        }
        return .json(writer)
    }
}
