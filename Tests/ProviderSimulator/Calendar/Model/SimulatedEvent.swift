import Domain
import Foundation

/// An event as the provider keeps it: what has a meaning of its own, and the rest as it was written.
struct SimulatedEvent: Sendable {
    struct Person: Sendable {
        var email: String
        var name: String?
        var isSelf: Bool

        var json: JSONValue {
            var members: [JSONValue.Member] = [.init(name: "email", value: .string(email))]
            if let name { members.append(.init(name: "displayName", value: .string(name))) }
            if isSelf { members.append(.init(name: "self", value: .bool(true))) }
            return .object(members)
        }
    }

    let id: String
    /// `confirmed`, `tentative` or `cancelled`.
    var status = "confirmed"
    var start: EventMoment
    var end: EventMoment
    var recurrence: [String] = []
    /// `recurringEventId`; with it `original` is there.
    var series: String?
    var original: EventMoment?
    var iCalUID: String
    var sequence = 0
    var created: Date
    var updated: Date
    var creator: Person
    var organizer: Person
    /// The writable members that nothing here depends on, such as `summary` and `attendees`.
    var fields: [JSONValue.Member] = []

    var isMaster: Bool { !recurrence.isEmpty && series == nil }

    subscript(name: String) -> JSONValue? {
        get { fields.first { $0.name == name }?.value }
        set {
            fields.removeAll { $0.name == name }
            if let newValue { fields.append(.init(name: name, value: newValue)) }
        }
    }

    var summary: String? { self["summary"]?.text }
}

extension SimulatedEvent {
    /// An `Event` resource.
    func json(etag: String, in zone: ZoneOffsets, of calendar: CalendarInfo) -> JSONValue {
        func moment(_ moment: EventMoment) -> JSONValue { moment.json(in: zone, calendarZone: calendar.timeZone) }
        var members: [JSONValue.Member] = [
            .init(name: "kind", value: "calendar#event"), .init(name: "etag", value: .string(etag)),
            .init(name: "id", value: .string(id)), .init(name: "status", value: .string(status)),
            .init(name: "htmlLink", value: .string(link(in: calendar.id))),
            .init(name: "created", value: .string(Self.text(created, millisecond: 0))),
            .init(name: "updated", value: .string(Self.text(updated))),
        ]
        members += fields
        members += [
            .init(name: "creator", value: creator.json), .init(name: "organizer", value: organizer.json),
            .init(name: "start", value: moment(start)), .init(name: "end", value: moment(end)),
        ]
        if !recurrence.isEmpty {
            members.append(.init(name: "recurrence", value: .array(recurrence.map(JSONValue.string))))
        }
        if let series { members.append(.init(name: "recurringEventId", value: .string(series))) }
        if let original { members.append(.init(name: "originalStartTime", value: moment(original))) }
        members += [
            .init(name: "iCalUID", value: .string(iCalUID)), .init(name: "sequence", value: .integer(sequence)),
        ]
        if self["reminders"] == nil {
            members.append(.init(name: "reminders", value: .members(["useDefault": .bool(true)])))
        }
        if self["eventType"] == nil { members.append(.init(name: "eventType", value: "default")) }
        return .object(members)
    }

    /// What is left of a cancelled occurrence: "only guaranteed to have values for the id, recurringEventId and
    /// originalStartTime fields populated".
    func hole(etag: String, in zone: ZoneOffsets, of calendar: CalendarInfo) -> JSONValue {
        var members = Self.tombstone(id, etag: etag)
        if let series { members.append(.init(name: "recurringEventId", value: .string(series))) }
        if let original {
            let moment = original.json(in: zone, calendarZone: calendar.timeZone)
            members.append(.init(name: "originalStartTime", value: moment))
        }
        return .object(members)
    }

    /// "Deleted events are only guaranteed to have the id field populated."
    static func tombstone(_ id: String, etag: String) -> [JSONValue.Member] {
        [
            .init(name: "kind", value: "calendar#event"), .init(name: "etag", value: .string(etag)),
            .init(name: "id", value: .string(id)), .init(name: "status", value: "cancelled"),
        ]
    }

    private func link(in calendar: String) -> String {
        "https://www.google.com/calendar/event?eid=" + Base64URL.text(Array("\(id) \(calendar)".utf8))
    }

    /// To the millisecond.
    static func text(_ date: Date, millisecond: Int? = nil) -> String {
        let milliseconds = Int((date.timeIntervalSince1970 * 1_000).rounded())
        let second = Date(timeIntervalSince1970: Double(milliseconds / 1_000))
        let rest = String(millisecond ?? milliseconds % 1_000)
        let local = LocalTime(at: second, in: .utc).description
        return local + "." + String(repeating: "0", count: 3 - rest.count) + rest + "Z"
    }
}
