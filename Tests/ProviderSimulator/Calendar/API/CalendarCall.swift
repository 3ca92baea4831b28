import Foundation

/// One request of the calendar API and what became of it.
struct CalendarCall: Sendable {
    var id = 0
    var at = Date()
    var method: CalendarMethod
    /// Whose token it was; nil: nobody's.
    var account: String?
    var clientID: String?
    /// Its real id, also for `primary`.
    var calendar: String?
    var event: String?
    /// Names of the query's parameters, those that were refused included.
    var parameters: [String] = []
    var hasSyncToken = false
    var hasPageToken = false
    var fault: String?
    var isPaused = false
    var status: Int?
    /// `ok`, an error's reason, `cut`, or `malformed`; nil: it is not answered yet.
    var outcome: String?
    /// Of a list.
    var items: Int?
    var finishedAt: Date?

    var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        return .members([
            "id": .integer(id), "at": .number(at.timeIntervalSince1970), "method": .string(method.rawValue),
            "account": text(account), "client_id": text(clientID), "calendar": text(calendar), "event": text(event),
            "parameters": .array(parameters.map(JSONValue.string)), "sync_token": .bool(hasSyncToken),
            "page_token": .bool(hasPageToken), "fault": text(fault), "paused": .bool(isPaused),
            "status": status.map(JSONValue.integer) ?? .null, "outcome": text(outcome),
            "items": items.map(JSONValue.integer) ?? .null,
            "finished_at": finishedAt.map { .number($0.timeIntervalSince1970) } ?? .null,
        ])
    }
}
