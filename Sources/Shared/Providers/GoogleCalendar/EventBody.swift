import Domain
import FoundationEssentials

/// A draft as the body of a request: Google's `Event`, as far as it is to be set.
enum EventBody {
    static func new(_ draft: EventDraft, id: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.field("id", id)
            texts(draft, clears: false, &object)
            for (name, moment) in [("start", draft.start), ("end", draft.end)] {
                if let moment { write(moment, name, clears: false, &object) }
            }
            if let lines = draft.recurrence, !lines.isEmpty { recurrence(lines, &object) }
            if let guests = draft.attendees, !guests.isEmpty { attendees(guests, keeping: nil, &object) }
        }
        return writer.bytes
    }

    /// What is `null` is taken away: https://developers.google.com/workspace/calendar/api/guides/performance#patch
    static func change(_ draft: EventDraft, keeping known: CalendarEvent?) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            texts(draft, clears: true, &object)
            for (name, moment) in [("start", draft.start), ("end", draft.end)] {
                if let moment { write(moment, name, clears: true, &object) }
            }
            if let lines = draft.recurrence {
                if lines.isEmpty { object.clear("recurrence") } else { recurrence(lines, &object) }
            }
            if let guests = draft.attendees {
                if guests.isEmpty { object.clear("attendees") } else { attendees(guests, keeping: known, &object) }
            }
        }
        return writer.bytes
    }

    private static func texts(_ draft: EventDraft, clears: Bool, _ object: inout JSONWriter) {
        let texts: [(StaticString, String, String?)] = [
            ("summary", "summary", draft.summary), ("description", "description", draft.description),
            ("location", "location", draft.location), ("transparency", "transparency", draft.transparency),
            ("visibility", "visibility", draft.visibility),
        ]
        for (name, key, text) in texts {
            let isCleared = clears && draft.cleared?.contains(key) == true
            if text != nil || isCleared { object.field(name, text) }
        }
    }

    /// A day that becomes a time, or the other way about, has to lose what it was.
    private static func write(_ moment: EventMoment, _ name: String, clears: Bool, _ object: inout JSONWriter) {
        object.key(text: name)
        object.object { object in
            switch moment {
            case .day(let day):
                object.field("date", day.description)
                if clears {
                    object.clear("dateTime")
                    object.clear("timeZone")
                }
            case .time(let instant, let zone):
                if clears { object.clear("date") }
                object.field("dateTime", instant.formatted(.iso8601))
                if let zone { object.field("timeZone", zone) }
            }
        }
    }

    private static func recurrence(_ lines: [String], _ object: inout JSONWriter) {
        object.key("recurrence")
        object.array { array in
            for line in lines { array.string(line) }
        }
    }

    /// The list replaces the one before, answers included.
    private static func attendees(_ emails: [String], keeping known: CalendarEvent?, _ object: inout JSONWriter) {
        let answers = Dictionary(
            (known?.attendees ?? []).compactMap { guest in guest.email.map { ($0.lowercased(), guest) } }
        ) { first, _ in first }
        object.key("attendees")
        object.array { array in
            for email in emails {
                let known = answers[email.lowercased()]
                array.object { guest in
                    guest.field("email", email)
                    if let name = known?.displayName { guest.field("displayName", name) }
                    if let answer = known?.responseStatus { guest.field("responseStatus", answer) }
                    if known?.optional == true { guest.field("optional", true) }
                    if known?.resource == true { guest.field("resource", true) }
                    if let comment = known?.comment { guest.field("comment", comment) }
                    if let more = known?.additionalGuests { guest.field("additionalGuests", more) }
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func clear(_ name: StaticString) {
        key(name)
        null()
    }
}
