/// What a query parameter may hold.
enum ParameterKind: Sendable {
    case text, boolean, time, zone
    case integer(ClosedRange<Int>)
    case oneOf([String])
    /// The only ones that may come more than once.
    case anyOf([String])
    case texts
}

extension CalendarMethod {
    private typealias Table = [String: ParameterKind]

    /// Parameters of the query, by the discovery document: whatever else comes is refused.
    var parameters: [String: ParameterKind] { Self.standard.merging(own) { $1 } }

    private static let standard: Table = [
        "alt": .oneOf(["json"]), "fields": .text, "key": .text, "oauth_token": .text, "prettyPrint": .boolean,
        "quotaUser": .text, "userIp": .text,
    ]

    private static let anyCount = 1...Int(Int32.max)
    private static let updates = ParameterKind.oneOf(["all", "externalOnly", "none"])

    private static let eventList: Table = [
        "alwaysIncludeEmail": .boolean, "iCalUID": .text, "maxAttendees": .integer(anyCount),
        "maxResults": .integer(anyCount), "orderBy": .oneOf(["startTime", "updated"]), "pageToken": .text,
        "privateExtendedProperty": .texts, "q": .text, "sharedExtendedProperty": .texts, "showDeleted": .boolean,
        "showHiddenInvitations": .boolean, "singleEvents": .boolean, "syncToken": .text, "timeMax": .time,
        "timeMin": .time, "timeZone": .zone, "updatedMin": .time,
        "eventTypes": .anyOf([
            "birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation",
        ]),
    ]

    private static let eventWrite: Table = [
        "conferenceDataVersion": .integer(0...1), "eventLabelVersion": .integer(0...1),
        "maxAttendees": .integer(anyCount), "sendNotifications": .boolean, "sendUpdates": updates,
        "supportsAttachments": .boolean,
    ]

    private var own: [String: ParameterKind] {
        switch self {
        case .listCalendars:
            [
                "maxResults": .integer(Self.anyCount), "pageToken": .text, "syncToken": .text,
                "showDeleted": .boolean, "showHidden": .boolean, "showOwnOrganizationOnly": .boolean,
                "minAccessRole": .oneOf(AccessRole.allCases.map(\.rawValue) + ["writerWithoutPrivateAccess"]),
            ]
        case .getEntry, .getCalendar, .stopChannel, .queryFreeBusy: [:]
        case .listEvents, .watchEvents: Self.eventList
        case .getEvent:
            ["alwaysIncludeEmail": .boolean, "maxAttendees": .integer(Self.anyCount), "timeZone": .zone]
        case .insertEvent: Self.eventWrite
        case .updateEvent, .patchEvent: Self.eventWrite.merging(["alwaysIncludeEmail": .boolean]) { $1 }
        case .deleteEvent: ["sendNotifications": .boolean, "sendUpdates": Self.updates]
        case .listInstances:
            [
                "alwaysIncludeEmail": .boolean, "maxAttendees": .integer(Self.anyCount),
                "maxResults": .integer(Self.anyCount), "originalStart": .text, "pageToken": .text,
                "showDeleted": .boolean, "timeMax": .time, "timeMin": .time, "timeZone": .zone,
            ]
        }
    }
}
