import Domain
import Foundation

/// What a client wants an event to be, read from a body (or, for a patch, from what the event is with the body laid
/// over it) and checked.
struct EventBody: Sendable {
    var start: EventMoment
    var end: EventMoment
    var recurrence: [String]
    var status: String
    var fields: [JSONValue.Member]

    /// What clients may send back as they got it, and what is the server's own.
    private static let readOnly: Set = [
        "kind", "etag", "id", "htmlLink", "created", "updated", "creator", "organizer", "hangoutLink",
        "recurringEventId", "originalStartTime", "iCalUID", "locked", "endTimeUnspecified", "sequence",
        "attendeesOmitted", "privateCopy",
    ]
    private static let special: Set = ["start", "end", "recurrence", "status"]
    private static let choices: KeyValuePairs<String, [String]> = [
        "status": ["confirmed", "tentative", "cancelled"], "transparency": ["opaque", "transparent"],
        "visibility": ["default", "public", "private", "confidential"],
        "eventType": ["default", "outOfOffice", "focusTime", "workingLocation", "birthday", "fromGmail"],
    ]

    /// - Parameters:
    ///   - body: of the shape `BodyShape.event`.
    ///   - isInstance: of a series, which has no recurrence of its own.
    ///   - calendarZone: where a time without a zone is.
    init(_ body: JSONValue, isInstance: Bool, calendarZone: String) throws(CalendarRefusal) {
        for (name, allowed) in Self.choices {
            if let text = body[name]?.text, !allowed.contains(text) {
                throw .invalidValue("Invalid value for: \(name)")
            }
        }
        status = body["status"]?.text ?? "confirmed"
        start = try Self.moment(body["start"], "start", calendarZone)
        end = try Self.moment(body["end"], "end", calendarZone)
        recurrence = isInstance ? [] : (body["recurrence"]?.elements ?? []).compactMap(\.text)
        fields = try Self.fields(body)
        try checkTimes()
        try checkRecurrence(body)
    }

    private static func moment(
        _ value: JSONValue?, _ name: String, _ calendarZone: String
    ) throws(CalendarRefusal) -> EventMoment {
        guard let value, !value.isNull else { throw .required("Missing \(name) time.") }
        let date = value["date"]?.text
        let dateTime = value["dateTime"]?.text
        let zone = value["timeZone"]?.text
        if let zone, Zones.named(zone) == nil {
            throw .invalidValue("Invalid time zone definition for \(name) time.")
        }
        switch (date, dateTime) {
        case (let date?, nil):
            guard let day = CalendarDay(date) else {
                throw .invalidValue("Invalid value for: Invalid format: \"\(date)\"")
            }
            return .day(day)
        case (nil, let dateTime?):
            if let instant = RFC3339.date(dateTime) { return .time(Self.wholeSecond(instant), zone: zone) }
            // "A time zone offset is required unless a time zone is explicitly specified in timeZone."
            guard let zone, let local = LocalTime(dateTime) else {
                throw zone == nil && LocalTime(dateTime) != nil
                    ? .required("Missing time zone definition for \(name) time.")
                    : .invalidValue("Invalid value for: Invalid format: \"\(dateTime)\"")
            }
            return .time(local.instant(in: Zones.offsets(zone)), zone: zone)
        case (nil, nil): throw .required("Missing \(name) time.")
        default: throw .invalidValue("Invalid \(name) time: date and dateTime exclude each other.")
        }
    }

    private static func wholeSecond(_ date: Date) -> Date {
        Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
    }

    private func checkTimes() throws(CalendarRefusal) {
        switch (start, end) {
        case (.day(let first), .day(let last)): if last <= first { throw .emptyEvent }
        case (.time(let first, _), .time(let last, _)): if last < first { throw .emptyEvent }
        default: throw .invalidValue("Start and end times must either both be date or both be dateTime.")
        }
    }

    /// A series has its own zone, "in which the recurrence is expanded".
    private func checkRecurrence(_ body: JSONValue) throws(CalendarRefusal) {
        guard !recurrence.isEmpty else { return }
        guard recurrence.contains(where: { $0.hasPrefix("RRULE") || $0.hasPrefix("RDATE") }) else {
            throw .invalidValue("Invalid recurrence rule.")
        }
        do {
            switch start {
            case .day(let day): _ = try RecurrenceSet(start: day, lines: recurrence)
            case .time(let instant, let name):
                for (label, zone) in [("start", name), ("end", end.zone)] where zone == nil {
                    throw CalendarRefusal.required("Missing time zone definition for \(label) time.")
                }
                let zone = Zones.offsets(name ?? "UTC")
                _ = try RecurrenceSet(start: ZonedTime(at: instant, in: zone), lines: recurrence)
            }
        } catch let refusal as CalendarRefusal {
            throw refusal
        } catch {
            throw .invalidValue("Invalid recurrence rule.")
        }
    }

    private static func fields(_ body: JSONValue) throws(CalendarRefusal) -> [JSONValue.Member] {
        guard case .object(let members) = body else { throw .badRequest("Bad Request") }
        for attendee in body["attendees"]?.elements ?? [] {
            guard let email = attendee["email"]?.text, email.contains("@") else {
                throw .invalidValue("Invalid attendee email.")
            }
            let responses = ["needsAction", "declined", "tentative", "accepted"]
            if let response = attendee["responseStatus"]?.text, !responses.contains(response) {
                throw .invalidValue("Invalid attendee response status.")
            }
        }
        return members.filter { !$0.value.isNull && !readOnly.contains($0.name) && !special.contains($0.name) }
    }
}

extension JSONValue {
    /// Laid over this one as a patch: members replace members, null takes one away, arrays are replaced whole.
    /// https://developers.google.com/workspace/calendar/api/guides/performance#patch
    func patched(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members: [Member] = []
        if case .object(let own) = self { members = own }
        for change in changes {
            let place = members.firstIndex { $0.name == change.name }
            if change.value.isNull {
                if let place { members.remove(at: place) }
            } else if let place {
                members[place].value = members[place].value.patched(with: change.value)
            } else {
                members.append(Member(name: change.name, value: JSONValue.object([]).patchedMember(change.value)))
            }
        }
        return .object(members)
    }

    /// A new member, whose nulls mean that nothing is there.
    private func patchedMember(_ value: JSONValue) -> JSONValue {
        if case .object = value { return patched(with: value) }
        return value
    }
}
