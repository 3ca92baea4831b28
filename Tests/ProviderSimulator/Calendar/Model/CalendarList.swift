/// The calendars of one account, those that it had included.
struct CalendarList: Sendable {
    struct Entry: Sendable {
        var id: String
        var role: AccessRole
        var isPrimary = false
        var isSelected = true
        var isHidden = false
        /// nil: the calendar's own.
        var title: String?
        var color = "#9fe1e7"
        var colorID = "14"
        var isDeleted = false
        var version = 0

        var etag: String { CalendarContents.etag(version) }
    }

    private(set) var entries: [Entry] = []
    private(set) var version = 0
    /// Another one makes every token invalid; so does a list that was made anew.
    var epoch = Int.random(in: 0..<1 << 40)

    subscript(id: String) -> Entry? { entries.first { $0.id == id } }

    mutating func put(_ entry: Entry) {
        version += 1
        var entry = entry
        entry.version = version
        if let place = entries.firstIndex(where: { $0.id == entry.id }) {
            entries[place] = entry
        } else {
            entries.append(entry)
        }
    }

    /// - Returns: whether it was there.
    @discardableResult
    mutating func remove(_ id: String) -> Bool {
        guard var entry = self[id], !entry.isDeleted else { return false }
        entry.isDeleted = true
        put(entry)
        return true
    }
}

extension CalendarList.Entry {
    /// A `CalendarListEntry`.
    /// - Parameter info: nil: the calendar is gone.
    func json(_ info: CalendarInfo?) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "kind", value: "calendar#calendarListEntry"), .init(name: "etag", value: .string(etag)),
            .init(name: "id", value: .string(id)),
        ]
        if isDeleted { return .object(members + [.init(name: "deleted", value: .bool(true))]) }
        if let info {
            members.append(.init(name: "summary", value: .string(info.title)))
            if let description = info.description {
                members.append(.init(name: "description", value: .string(description)))
            }
            members.append(.init(name: "timeZone", value: .string(info.timeZone)))
        }
        if let title { members.append(.init(name: "summaryOverride", value: .string(title))) }
        members += [
            .init(name: "colorId", value: .string(colorID)), .init(name: "backgroundColor", value: .string(color)),
            .init(name: "foregroundColor", value: "#000000"),
        ]
        if isHidden { members.append(.init(name: "hidden", value: .bool(true))) }
        if isSelected { members.append(.init(name: "selected", value: .bool(true))) }
        members += [
            .init(name: "accessRole", value: .string(role.rawValue)), .init(name: "defaultReminders", value: []),
        ]
        if isPrimary { members.append(.init(name: "primary", value: .bool(true))) }
        members.append(
            .init(
                name: "conferenceProperties",
                value: .members(["allowedConferenceSolutionTypes": ["hangoutsMeet"]])))
        return .object(members)
    }
}
