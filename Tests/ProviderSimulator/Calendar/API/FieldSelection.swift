/// The parameter `fields`: which part of an answer a client wants, such as `nextPageToken,items(id,start/dateTime)`.
/// https://developers.google.com/workspace/calendar/api/guides/performance#partial-response
struct FieldSelection: Sendable, Equatable {
    /// Names, and of each what is wanted of it; nil: all.
    private var names: [String: FieldSelection?] = [:]

    /// - Parameter shape: of the whole answer; what it does not have cannot be wanted.
    init(_ text: String, of shape: BodyShape) throws(CalendarRefusal) {
        var rest = Substring(text)
        try self.init(reading: &rest, shape, text)
        guard rest.isEmpty else { throw Self.invalid(text) }
    }

    private init() {}

    private static func invalid(_ text: some StringProtocol) -> CalendarRefusal {
        CalendarRefusal(
            status: 400, reason: "invalidParameter", message: "Invalid field selection \(text)",
            locationType: "parameter", location: "fields")
    }

    /// Selectors with commas between them, up to the end or a closing bracket.
    private init(
        reading rest: inout Substring, _ shape: BodyShape, _ whole: String
    ) throws(CalendarRefusal) {
        while true {
            let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "*" || $0 == "_" })
            rest = rest.dropFirst(name.count)
            guard let inner = shape.member(name), !name.isEmpty else { throw Self.invalid(name.isEmpty ? whole : name) }
            let wanted: FieldSelection?
            switch rest.first {
            case "/":
                rest = rest.dropFirst()
                wanted = try Self.one(&rest, inner, whole)
            case "(":
                rest = rest.dropFirst()
                wanted = try FieldSelection(reading: &rest, inner, whole)
                guard rest.first == ")" else { throw Self.invalid(whole) }
                rest = rest.dropFirst()
            default: wanted = nil
            }
            add(name, wanted)
            guard rest.first == "," else { return }
            rest = rest.dropFirst()
        }
    }

    /// What stands behind a slash: one selector, whatever comes after it.
    private static func one(
        _ rest: inout Substring, _ shape: BodyShape, _ whole: String
    ) throws(CalendarRefusal) -> FieldSelection {
        var depth = 0
        let end = rest.firstIndex { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return depth < 0 || depth == 0 && character == ","
        }
        var part = rest[..<(end ?? rest.endIndex)]
        rest = rest[(end ?? rest.endIndex)...]
        let selection = try FieldSelection(reading: &part, shape, whole)
        guard part.isEmpty else { throw invalid(whole) }
        return selection
    }

    private mutating func add(_ name: String, _ wanted: FieldSelection?) {
        if let earlier = names[name], let earlier, let wanted {
            names[name] = .some(earlier.merging(wanted))
        } else {
            names[name] = .some(names[name] == nil ? wanted : nil)
        }
    }

    private func merging(_ other: FieldSelection) -> FieldSelection {
        var both = self
        for (name, wanted) in other.names { both.add(name, wanted) }
        return both
    }

    /// The part of a value; lists are gone through.
    func part(of value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(part))
        case .object(let members):
            return .object(
                members.compactMap { member in
                    guard let wanted = names[member.name] ?? names["*"] else { return nil }
                    return .init(name: member.name, value: wanted?.part(of: member.value) ?? member.value)
                })
        default: return value
        }
    }
}

extension BodyShape {
    /// What a member of it is; nil: it has no such member.
    fileprivate func member(_ name: String) -> BodyShape? {
        switch self {
        case .object(let shapes): name == "*" ? .anything : shapes[name]
        case .list(let shape): shape.member(name)
        case .texts: .text
        case .anything: .anything
        case .text, .boolean, .integer, .long: nil
        }
    }

    private static let calendarEntry = BodyShape.object(
        Dictionary(
            uniqueKeysWithValues: [
                "accessRole", "backgroundColor", "colorId", "dataOwner", "description", "etag", "foregroundColor", "id",
                "kind", "location", "summary", "summaryOverride", "timeZone",
            ].map { ($0, .text) }
                + ["autoAcceptInvitations", "deleted", "hidden", "primary", "selected"].map { ($0, .boolean) }
                + ["conferenceProperties", "defaultReminders", "notificationSettings"].map { ($0, .anything) }))

    private static func page(of item: BodyShape, _ names: String...) -> BodyShape {
        .object(
            Dictionary(
                uniqueKeysWithValues: (names + ["etag", "kind", "nextPageToken", "nextSyncToken"]).map { ($0, .text) }
            ).merging(["items": .list(item), "defaultReminders": .anything]) { $1 })
    }

    private static let events = page(
        of: event, "accessRole", "description", "summary", "timeZone", "updated")
    private static let calendars = page(of: calendarEntry)
    private static let calendar = BodyShape.object(
        Dictionary(
            uniqueKeysWithValues: ["dataOwner", "description", "etag", "id", "kind", "location", "summary", "timeZone"]
                .map { ($0, .text) }))
    private static let busy = BodyShape.object([
        "calendars": .anything, "groups": .anything, "kind": .text, "timeMin": .text, "timeMax": .text,
    ])

    /// The shape of a method's answer.
    static func answer(of method: CalendarMethod) -> BodyShape {
        switch method {
        case .listCalendars: calendars
        case .getEntry: calendarEntry
        case .getCalendar: calendar
        case .listEvents, .listInstances: events
        case .getEvent, .insertEvent, .updateEvent, .patchEvent: event
        case .watchEvents: channel
        case .queryFreeBusy: busy
        case .deleteEvent, .stopChannel: .object([:])
        }
    }
}
