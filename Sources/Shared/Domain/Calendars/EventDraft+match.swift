extension EventDraft {
    /// Whether an event is what is wanted already: then nothing is left to be written.
    package func isMet(by event: CalendarEvent) -> Bool {
        func has<Value: Equatable>(_ wanted: Value?, _ found: Value?) -> Bool { wanted == nil || wanted == found }
        let isCleared = (cleared ?? []).allSatisfy { field in
            switch field {
            case "summary": event.summary?.isEmpty ?? true
            case "description": event.description?.isEmpty ?? true
            default: event.location?.isEmpty ?? true
            }
        }
        return isCleared && has(summary, event.summary) && has(description, event.description)
            && has(location, event.location) && hasTimes(event) && has(recurrence, event.recurrence ?? [])
            && has(transparency, event.transparency ?? "opaque") && has(visibility, event.visibility ?? "default")
            && hasPeople(event)
    }

    /// A zone that was left out is the calendar's, which the provider fills in.
    private func hasTimes(_ event: CalendarEvent) -> Bool {
        for (wanted, found) in [(start, event.start), (end, event.end)] {
            guard let wanted else { continue }
            if case .time(let one, nil) = wanted, case .time(let other, _)? = found, one == other { continue }
            guard wanted == found else { return false }
        }
        return true
    }

    private func hasPeople(_ event: CalendarEvent) -> Bool {
        guard let attendees else { return true }
        let found = Set((event.attendees ?? []).compactMap { $0.email?.lowercased() })
        return found == Set(attendees.map { $0.lowercased() })
    }
}
