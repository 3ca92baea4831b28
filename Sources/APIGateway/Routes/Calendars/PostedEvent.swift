import Domain

/// An event as a client wants it: all of a new one, or what is to change.
struct PostedEvent: Decodable {
    private var draft = EventDraft()
    private(set) var notice = WriteEvent.Notice.none
    /// Told together with what the draft itself finds.
    private var problems: [InvalidCommand.Problem] = []

    private enum CodingKeys: String, CodingKey {
        case start, end, summary, description, location, recurrence, attendees, transparency, visibility, cleared
        case notify
    }

    private typealias Container = KeyedDecodingContainer<CodingKeys>

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        draft.start = try moment(.start, container)
        draft.end = try moment(.end, container)
        shareZone()
        draft.cleared = try container.decodeIfPresent([String].self, forKey: .cleared)
        draft.summary = try text(.summary, container)
        draft.description = try text(.description, container)
        draft.location = try text(.location, container)
        draft.recurrence = try container.decodeIfPresent([String].self, forKey: .recurrence)
        draft.attendees = try container.decodeIfPresent([String].self, forKey: .attendees)
        draft.transparency = try container.decodeIfPresent(String.self, forKey: .transparency)
        draft.visibility = try container.decodeIfPresent(String.self, forKey: .visibility)
        notice = try notice(container) ?? .none
    }

    private mutating func moment(_ key: CodingKeys, _ container: Container) throws -> EventMoment? {
        guard let posted = try container.decodeIfPresent(PostedMoment.self, forKey: key) else { return nil }
        problems += posted.problems.map { .init(field: key.stringValue + $0.field, message: $0.message) }
        return posted.moment
    }

    /// An end that names no zone is on the clock of the start: a provider wants both to name one in a series.
    private mutating func shareZone() {
        guard case .time(_, let zone?) = draft.start, case .time(let end, nil) = draft.end else { return }
        draft.end = .time(end, zone: zone)
    }

    /// `null` takes away what there was, as its name among those that are cleared does.
    private mutating func text(_ key: CodingKeys, _ container: Container) throws -> String? {
        let name = key.stringValue
        guard container.contains(key), try container.decodeNil(forKey: key) else {
            return try container.decodeIfPresent(String.self, forKey: key)
        }
        if draft.cleared?.contains(name) != true { draft.cleared = (draft.cleared ?? []) + [name] }
        return nil
    }

    private mutating func notice(_ container: Container) throws -> WriteEvent.Notice? {
        guard let text = try container.decodeIfPresent(String.self, forKey: .notify) else { return nil }
        let notice = WriteEvent.Notice(rawValue: text)
        if notice == nil {
            let names = WriteEvent.Notice.allCases.map(\.rawValue).joined(separator: ", ")
            problems.append(.init(field: CodingKeys.notify.stringValue, message: "must be one of \(names)"))
        }
        return notice
    }

    /// - Parameter isNew: a new event needs a start and an end, a changed one something that changes.
    /// - Throws: `InvalidCommand`, naming every field that is wrong.
    func draft(isNew: Bool) throws(InvalidCommand) -> EventDraft {
        var all = problems
        do {
            try draft.validate(isNew: isNew)
        } catch {
            // What could not be read is not missing.
            all += error.problems.filter { found in
                !problems.contains { $0.field == found.field || $0.field.hasPrefix(found.field + ".") }
            }
        }
        if all.isEmpty, !isNew, draft.isEmpty {
            all.append(.init(field: "body", message: "changes nothing: give at least one field of the event"))
        }
        guard all.isEmpty else { throw InvalidCommand(all) }
        return draft
    }
}

/// `start` or `end` of a posted event: a day, an instant, or what a clock in `timeZone` shows.
private struct PostedMoment: Decodable {
    var moment: EventMoment?
    /// Named by what follows the field's own name.
    private(set) var problems: [InvalidCommand.Problem] = []

    private enum CodingKeys: String, CodingKey { case date, dateTime, timeZone }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let day = try container.decodeIfPresent(String.self, forKey: .date)
        let time = try container.decodeIfPresent(String.self, forKey: .dateTime)
        let zone = try container.decodeIfPresent(String.self, forKey: .timeZone)
        switch (day, time) {
        case (let text?, nil):
            moment = CalendarDay(text).map(EventMoment.day)
            if moment == nil { report(".date", "must be a day such as 2026-01-31") }
        case (nil, let text?): moment = instant(text, zone)
        default: report("", "must have either date or dateTime")
        }
    }

    private mutating func report(_ field: String, _ message: String) {
        problems.append(.init(field: field, message: message))
    }

    private mutating func instant(_ text: String, _ zone: String?) -> EventMoment? {
        if let instant = RFC3339.date(text) { return .time(instant, zone: zone) }
        guard let local = LocalTime(text) else {
            report(".dateTime", "must be a time such as 2026-01-31T08:00:00+01:00")
            return nil
        }
        guard let zone else {
            report(".dateTime", "must end in Z or an offset such as +01:00, or come with timeZone")
            return nil
        }
        guard let offsets = ZoneOffsets(iana: zone) else {
            report(".timeZone", "must be an IANA time zone such as Europe/Berlin")
            return nil
        }
        return .time(local.instant(in: offsets), zone: zone)
    }
}
