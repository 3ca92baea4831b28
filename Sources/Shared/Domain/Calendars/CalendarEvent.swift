package import FoundationEssentials

/// An event as its calendar has it: a single one, the master of a series (`recurrence` is not empty), or an exception
/// of one (`series` is set). Its JSON form is Google's `Event` resource, as far as it is kept here
/// (https://developers.google.com/workspace/calendar/api/v3/reference/events#resource): the provider's answer, the
/// mirror's rows and the API's answers are read and written by the same names.
///
/// A cancelled exception is a hole in its series; only `id`, `series` and `original` are sure to be there. Anything
/// else that is cancelled is a tombstone: only `id` is. So everything but `id` and `status` is optional.
package struct CalendarEvent: Sendable, Equatable, Codable {
    /// Unique in its calendar.
    package var id: String
    /// Of this version. Changes with every change.
    package var etag: String?
    package var status: Status
    package var start: EventMoment?
    /// Exclusive.
    package var end: EventMoment?
    package var summary: String?
    package var description: String?
    package var location: String?
    /// RRULE, EXRULE, RDATE and EXDATE lines, without DTSTART.
    package var recurrence: [String]?
    /// The id of the series that this is an exception of.
    package var series: String?
    /// Where in its series the exception belongs. Never changes.
    package var original: EventMoment?
    /// Shared by all of a series, and by all copies in other people's calendars.
    package var iCalUID: String?
    package var sequence: Int?
    package var created: Date?
    package var updated: Date?
    /// `transparent`: it does not make its owner busy. `nil` or `opaque`: it does.
    package var transparency: String?
    /// `default`, `public`, `private` or `confidential`.
    package var visibility: String?
    /// `default`, `outOfOffice`, `focusTime`, `workingLocation`, `birthday`, `fromGmail`.
    package var type: String?
    package var color: String?
    /// The event on the provider's own page.
    package var link: String?
    /// Where its video call is.
    package var conferenceLink: String?
    package var organizer: Person?
    package var attendees: [Attendee]?

    package enum Status: String, Sendable, Codable { case confirmed, tentative, cancelled }

    package struct Person: Sendable, Equatable, Codable {
        package var email: String?
        package var displayName: String?
        /// Whether it is the owner of this calendar. `nil`: no.
        package var `self`: Bool?

        package init(email: String? = nil, displayName: String? = nil, self isOwner: Bool? = nil) {
            self.email = email
            self.displayName = displayName
            self.`self` = isOwner
        }
    }

    package struct Attendee: Sendable, Equatable, Codable {
        package var email: String?
        package var displayName: String?
        /// `needsAction`, `declined`, `tentative` or `accepted`.
        package var responseStatus: String?
        package var optional: Bool?
        package var organizer: Bool?
        package var resource: Bool?
        package var `self`: Bool?
        /// What they wrote with their answer.
        package var comment: String?
        /// How many more they bring.
        package var additionalGuests: Int?

        package init(email: String? = nil, displayName: String? = nil, responseStatus: String? = nil) {
            self.email = email
            self.displayName = displayName
            self.responseStatus = responseStatus
        }
    }

    package init(id: String, status: Status = .confirmed, start: EventMoment? = nil, end: EventMoment? = nil) {
        self.id = id
        self.status = status
        self.start = start
        self.end = end
    }

    package var isMaster: Bool { recurrence?.isEmpty == false }

    private enum CodingKeys: String, CodingKey {
        case id, etag, status, start, end, summary, description, location, recurrence, iCalUID, sequence, created
        case updated, transparency, visibility, organizer, attendees
        case series = "recurringEventId"
        case original = "originalStartTime"
        case type = "eventType"
        case color = "colorId"
        case link = "htmlLink"
        case conferenceLink = "hangoutLink"
    }
}

extension CalendarEvent {
    /// Reads the provider's resource as well as what was written here. A missing `status` is `confirmed`, as the
    /// reference has it, and so is an unknown one. A start, end or original start that cannot be read is missing: no
    /// one event may keep its calendar from being read.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        let status = try container.decodeIfPresent(String.self, forKey: .status)
        self.status = status.flatMap { Status(rawValue: $0) } ?? .confirmed
        etag = try container.decodeIfPresent(String.self, forKey: .etag)
        start = try? container.decodeIfPresent(EventMoment.self, forKey: .start)
        end = try? container.decodeIfPresent(EventMoment.self, forKey: .end)
        summary = try container.decodeIfPresent(String.self, forKey: .summary)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        location = try container.decodeIfPresent(String.self, forKey: .location)
        recurrence = try container.decodeIfPresent([String].self, forKey: .recurrence)
        series = try container.decodeIfPresent(String.self, forKey: .series)
        original = try? container.decodeIfPresent(EventMoment.self, forKey: .original)
        iCalUID = try container.decodeIfPresent(String.self, forKey: .iCalUID)
        sequence = try container.decodeIfPresent(Int.self, forKey: .sequence)
        created = try container.decodeIfPresent(String.self, forKey: .created).flatMap { RFC3339.date($0) }
        updated = try container.decodeIfPresent(String.self, forKey: .updated).flatMap { RFC3339.date($0) }
        transparency = try container.decodeIfPresent(String.self, forKey: .transparency)
        visibility = try container.decodeIfPresent(String.self, forKey: .visibility)
        type = try container.decodeIfPresent(String.self, forKey: .type)
        color = try container.decodeIfPresent(String.self, forKey: .color)
        link = try container.decodeIfPresent(String.self, forKey: .link)
        conferenceLink = try container.decodeIfPresent(String.self, forKey: .conferenceLink)
        organizer = try container.decodeIfPresent(Person.self, forKey: .organizer)
        attendees = try container.decodeIfPresent([Attendee].self, forKey: .attendees)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(status, forKey: .status)
        try container.encodeIfPresent(etag, forKey: .etag)
        try container.encodeIfPresent(start, forKey: .start)
        try container.encodeIfPresent(end, forKey: .end)
        try container.encodeIfPresent(summary, forKey: .summary)
        try container.encodeIfPresent(description, forKey: .description)
        try container.encodeIfPresent(location, forKey: .location)
        try container.encodeIfPresent(recurrence, forKey: .recurrence)
        try container.encodeIfPresent(series, forKey: .series)
        try container.encodeIfPresent(original, forKey: .original)
        try container.encodeIfPresent(iCalUID, forKey: .iCalUID)
        try container.encodeIfPresent(sequence, forKey: .sequence)
        try container.encodeIfPresent(created.map(Self.text), forKey: .created)
        try container.encodeIfPresent(updated.map(Self.text), forKey: .updated)
        try container.encodeIfPresent(transparency, forKey: .transparency)
        try container.encodeIfPresent(visibility, forKey: .visibility)
        try container.encodeIfPresent(type, forKey: .type)
        try container.encodeIfPresent(color, forKey: .color)
        try container.encodeIfPresent(link, forKey: .link)
        try container.encodeIfPresent(conferenceLink, forKey: .conferenceLink)
        try container.encodeIfPresent(organizer, forKey: .organizer)
        try container.encodeIfPresent(attendees, forKey: .attendees)
    }

    /// The same bytes for the same event.
    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self))
    }

    /// To the millisecond, as Google gives it; half of one more, since the style cuts rather than rounds.
    private static func text(_ date: Date) -> String {
        RFC3339.inYears(date).addingTimeInterval(0.000_5)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
