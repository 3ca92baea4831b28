/// The lines of a recurring event, read: what Google Calendar has in `recurrence[]`
/// (https://developers.google.com/workspace/calendar/api/v3/reference/events).
struct RecurrenceLines: Sendable, Equatable {
    private(set) var rules: [RecurrenceRule] = []
    /// EXRULE is RFC 2445's, and no longer RFC 5545's.
    private(set) var exclusionRules: [RecurrenceRule] = []
    private(set) var dates: [RecurrenceMoment] = []
    private(set) var exclusions: [RecurrenceMoment] = []

    /// - Parameter isAllDay: The event starts at a day, and so do its dates.
    init(_ lines: [String], isAllDay: Bool) throws(InvalidRecurrence) {
        guard lines.count <= RecurrenceLimit.maxLines else {
            throw InvalidRecurrence(
                property: "recurrence", message: "Write at most \(RecurrenceLimit.maxLines) lines.")
        }
        for line in lines { try read(try RecurrenceLine(line), isAllDay: isAllDay) }
    }

    private mutating func read(_ line: RecurrenceLine, isAllDay: Bool) throws(InvalidRecurrence) {
        switch line.name {
        case "RRULE": rules.append(try rule(line, isAllDay: isAllDay))
        case "EXRULE": exclusionRules.append(try rule(line, isAllDay: isAllDay))
        case "RDATE": dates += try dates(line, isAllDay: isAllDay)
        case "EXDATE": exclusions += try dates(line, isAllDay: isAllDay)
        case "DTSTART", "DTEND", "DURATION":
            throw line.invalid("It is no line of the recurrence: the event has its start and end beside it.")
        default: throw line.invalid("Lines are RRULE, RDATE, EXDATE and EXRULE.")
        }
        guard dates.count + exclusions.count <= RecurrenceLimit.maxDates else {
            throw line.invalid("Write at most \(RecurrenceLimit.maxDates) dates.")
        }
    }

    private func rule(_ line: RecurrenceLine, isAllDay: Bool) throws(InvalidRecurrence) -> RecurrenceRule {
        if let parameter = line.parameters.first {
            throw line.invalid("A rule has no parameters.", part: InvalidRecurrence.name(parameter.name))
        }
        do throws(InvalidRecurrence) {
            let rule = try RecurrenceRule(line.value)
            guard !isAllDay || rule.frequency >= .daily else {
                throw RecurrencePart.frequency.invalid("The event starts at a day, without a time.")
            }
            return rule
        } catch {
            throw line.invalid(error.message, part: error.part)
        }
    }

    private func dates(_ line: RecurrenceLine, isAllDay: Bool) throws(InvalidRecurrence) -> [RecurrenceMoment] {
        let dates = try line.dates()
        for date in dates {
            if case .day = date {
                guard isAllDay || line.name == "EXDATE" else { throw line.invalid("The event needs times, not days.") }
            } else if isAllDay {
                throw line.invalid("The event starts at a day: write days, as VALUE=DATE.")
            }
        }
        return dates
    }
}
