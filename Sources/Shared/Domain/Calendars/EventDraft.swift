import FoundationEssentials

/// What somebody wants an event to be: all of a new one, or what is to change about one. Its JSON form is that part of
/// Google's `Event` resource, so that what a caller sends, what a job's payload holds and what the provider gets have
/// the same names. What is left out stays as it is.
package struct EventDraft: Sendable, Equatable, Codable {
    package var start: EventMoment?
    /// Exclusive.
    package var end: EventMoment?
    package var summary: String?
    package var description: String?
    package var location: String?
    /// RRULE, EXRULE, RDATE and EXDATE lines; empty: no series any more.
    package var recurrence: [String]?
    /// E-mail addresses: all who are invited afterwards.
    package var attendees: [String]?
    /// `opaque` or `transparent`.
    package var transparency: String?
    /// `default`, `public`, `private` or `confidential`.
    package var visibility: String?
    /// Texts that are to be empty: `summary`, `description`, `location`.
    package var cleared: [String]?

    package static let maxSummaryLength = 1_024
    package static let maxDescriptionLength = 8_192
    package static let maxLocationLength = 1_024
    package static let maxAttendees = 200
    package static let maxRecurrenceLines = 50
    package static let clearable = ["summary", "description", "location"]

    package init(start: EventMoment? = nil, end: EventMoment? = nil, summary: String? = nil) {
        self.start = start
        self.end = end
        self.summary = summary
    }

    package var isEmpty: Bool { self == EventDraft() || (self == EventDraft(cleared: cleared) && cleared == []) }

    private init(cleared: [String]?) { self.cleared = cleared }
}

extension EventDraft {
    /// - Parameter isNew: a new event needs a start and an end.
    /// - Throws: `InvalidCommand`, naming every field that is wrong.
    package func validate(isNew: Bool) throws(InvalidCommand) {
        var problems: [InvalidCommand.Problem] = []
        checkTexts(&problems)
        checkTimes(isNew: isNew, &problems)
        checkRecurrence(&problems)
        checkPeople(&problems)
        guard problems.isEmpty else { throw InvalidCommand(problems) }
    }

    private func checkTexts(_ problems: inout [InvalidCommand.Problem]) {
        for (field, text, limit) in [
            ("summary", summary, Self.maxSummaryLength), ("description", description, Self.maxDescriptionLength),
            ("location", location, Self.maxLocationLength),
        ] {
            guard let text else { continue }
            if text.unicodeScalars.count > limit {
                problems.append(.init(field: field, message: "must have at most \(limit) characters"))
            } else if !StoredText.accepts(text) {
                problems.append(.init(field: field, message: StoredText.refusal))
            }
        }
        func check(_ field: String, _ text: String?, _ allowed: [String]) {
            guard let text, !allowed.contains(text) else { return }
            problems.append(.init(field: field, message: "must be one of \(allowed.joined(separator: ", "))"))
        }
        check("transparency", transparency, ["opaque", "transparent"])
        check("visibility", visibility, ["default", "public", "private", "confidential"])
    }

    private func checkTimes(isNew: Bool, _ problems: inout [InvalidCommand.Problem]) {
        if isNew {
            if start == nil { problems.append(.init(field: "start", message: "is missing: give date or dateTime")) }
            if end == nil { problems.append(.init(field: "end", message: "is missing: give date or dateTime")) }
        } else if (start == nil) != (end == nil) {
            let missing = start == nil ? "start" : "end"
            problems.append(.init(field: missing, message: "is missing: start and end change together"))
        }
        for (field, moment) in [("start", start), ("end", end)] {
            guard case .time(_, let zone?) = moment, ZoneOffsets(iana: zone) == nil else { continue }
            problems.append(
                .init(field: "\(field).timeZone", message: "must be an IANA time zone such as Europe/Berlin"))
        }
        switch (start, end) {
        case (.day(let first), .day(let last)) where last <= first:
            problems.append(.init(field: "end", message: "must be after start: it is the first day that is not part"))
        case (.time(let first, _), .time(let last, _)) where last < first:
            problems.append(.init(field: "end", message: "must not be before start"))
        case (.day, .time), (.time, .day):
            problems.append(.init(field: "end", message: "must be a date when start is one, and a dateTime otherwise"))
        default: break
        }
    }

    private func checkRecurrence(_ problems: inout [InvalidCommand.Problem]) {
        guard let recurrence, !recurrence.isEmpty else { return }
        guard recurrence.count <= Self.maxRecurrenceLines else {
            problems.append(.init(field: "recurrence", message: "must be at most \(Self.maxRecurrenceLines) lines"))
            return
        }
        // A series has a zone of its own: https://developers.google.com/workspace/calendar/api/guides/recurringevents
        if case .time(_, nil) = start {
            problems.append(.init(field: "start.timeZone", message: "is missing: a series needs one"))
        }
        do {
            let lines = try readRecurrence(recurrence)
            guard lines.rules.isEmpty, lines.dates.isEmpty else { return }
            problems.append(.init(field: "recurrence", message: "must have an RRULE or RDATE line"))
        } catch {
            problems.append(.init(field: "recurrence", message: "cannot be read: \(error)"))
        }
    }

    /// Of a change that leaves the start as it is, it is not known whether the event has days or times.
    private func readRecurrence(_ recurrence: [String]) throws(InvalidRecurrence) -> RecurrenceLines {
        switch start {
        case .day: return try RecurrenceLines(recurrence, isAllDay: true)
        case .time: return try RecurrenceLines(recurrence, isAllDay: false)
        case nil:
            if let lines = try? RecurrenceLines(recurrence, isAllDay: true) { return lines }
            return try RecurrenceLines(recurrence, isAllDay: false)
        }
    }

    private func checkPeople(_ problems: inout [InvalidCommand.Problem]) {
        if let attendees, attendees.count > Self.maxAttendees {
            problems.append(.init(field: "attendees", message: "must be at most \(Self.maxAttendees)"))
        } else if let attendees, !attendees.allSatisfy({ EmailAddress($0) != nil }) {
            problems.append(.init(field: "attendees", message: "must be e-mail addresses"))
        }
        if let cleared, !cleared.allSatisfy(Self.clearable.contains) {
            problems.append(.init(field: "cleared", message: "must be of \(Self.clearable.joined(separator: ", "))"))
        }
        for (field, text) in [("summary", summary), ("description", description), ("location", location)]
        where text != nil && cleared?.contains(field) == true {
            problems.append(.init(field: "cleared", message: "must not name \(field), which is given too"))
        }
    }
}
