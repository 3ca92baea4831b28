/// A calendar as its account's list of calendars has it. Its JSON form is Google's `CalendarListEntry`:
/// https://developers.google.com/workspace/calendar/api/v3/reference/calendarList#resource
package struct ListedCalendar: Sendable, Equatable, Decodable {
    /// What the provider calls it in addresses; an e-mail address, mostly.
    package var id: String
    /// True: it is no longer in the list; nothing but `id` is sure to be there.
    package var isDeleted: Bool
    package var title: String
    package var description: String?
    /// IANA. `nil`: not told.
    package var timeZone: String?
    /// `#rrggbb`.
    package var color: String?
    /// `freeBusyReader`, `reader`, `writerWithoutPrivateAccess`, `writer` or `owner`
    /// (https://developers.google.com/workspace/calendar/api/v3/reference/acl#resource). With `freeBusyReader` events
    /// cannot be read.
    package var accessRole: String
    package var isPrimary: Bool
    /// Whether it stands in the list on the provider's page, ticked or not.
    package var isShown: Bool

    private enum CodingKeys: String, CodingKey {
        case id, deleted, summary, summaryOverride, description, timeZone, backgroundColor, accessRole, primary, hidden
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        isDeleted = try container.decodeIfPresent(Bool.self, forKey: .deleted) ?? false
        title =
            try container.decodeIfPresent(String.self, forKey: .summaryOverride)
            ?? container.decodeIfPresent(String.self, forKey: .summary) ?? id
        description = try container.decodeIfPresent(String.self, forKey: .description)
        timeZone = try container.decodeIfPresent(String.self, forKey: .timeZone)
        color = try container.decodeIfPresent(String.self, forKey: .backgroundColor)
        accessRole = try container.decodeIfPresent(String.self, forKey: .accessRole) ?? "reader"
        isPrimary = try container.decodeIfPresent(Bool.self, forKey: .primary) ?? false
        isShown = !(try container.decodeIfPresent(Bool.self, forKey: .hidden) ?? false)
    }

    package init(
        id: String, title: String, timeZone: String? = nil, color: String? = nil, accessRole: String = "owner",
        isPrimary: Bool = false, isDeleted: Bool = false
    ) {
        self.id = id
        self.isDeleted = isDeleted
        self.title = title
        self.timeZone = timeZone
        self.color = color
        self.accessRole = accessRole
        self.isPrimary = isPrimary
        isShown = true
    }
}
