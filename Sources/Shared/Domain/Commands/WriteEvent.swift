/// Make, change or delete an event at its provider. What repeats it does no harm: a new event's id is derived from the
/// job's, a change names the version it is meant for, and whoever does not know whether it was made reads it back.
package struct WriteEvent: Command {
    package static let kind = JobKind(rawValue: "calendar.write")
    package static let queue = QueueName.calendars
    package static let maxAttempts = 10
    package static let attemptTimeoutSeconds = 60

    package enum Change: String, Codable, Sendable { case create, update, delete }

    /// Who hears of it: https://developers.google.com/workspace/calendar/api/v3/reference/events/insert#sendUpdates
    package enum Notice: String, Codable, Sendable, CaseIterable { case all, externalOnly, none }

    package var calendar: CalendarID
    package var change: Change
    /// `nil` for a new one.
    package var event: String?
    /// `nil` when it is deleted.
    package var draft: EventDraft?
    /// The version that is meant: another one is left alone, and the job fails with `event_changed`. `nil`: whatever is
    /// there.
    package var ifMatch: String?
    package var notice: Notice

    package init(
        _ change: Change, of event: String?, in calendar: CalendarID, to draft: EventDraft? = nil,
        ifMatch: String? = nil, notice: Notice = .none
    ) {
        self.change = change
        self.event = event
        self.calendar = calendar
        self.draft = draft
        self.ifMatch = ifMatch
        self.notice = notice
    }

    /// Changes of one event go one after the other.
    package var orderingKey: String? { event.map { ReservedKey.event.of("\(calendar):\($0)") } }

    /// https://developers.google.com/workspace/calendar/api/v3/reference/events#id: 5 to 1,024 characters. Those of a
    /// series' occurrences have an underscore and more.
    package static let maxEventIDLength = 1_024

    package func validate() throws(InvalidCommand) {
        if let event {
            let isPlain = event.utf8.allSatisfy { $0 > 32 && $0 < 127 }
            guard isPlain, (1...Self.maxEventIDLength).contains(event.utf8.count) else {
                throw InvalidCommand(field: "event_id", "must be an event's id")
            }
        }
        guard change == .delete || draft != nil else { throw InvalidCommand(field: "event", "is missing") }
        if let draft, draft.isEmpty, change == .update { throw InvalidCommand(field: "event", "changes nothing") }
        try draft?.validate(isNew: change == .create)
    }

    private enum CodingKeys: String, CodingKey {
        case calendar = "calendar_id"
        case change
        case event = "event_id"
        case draft = "event"
        case ifMatch = "if_match"
        case notice
    }
}
