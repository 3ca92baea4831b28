/// What a JSON body may hold, by the discovery document's schemas: whatever else comes is refused.
indirect enum BodyShape: Sendable {
    case text, boolean, integer, anything
    /// 64-bit numbers, which travel as text; numbers are taken too.
    case long
    case object([String: BodyShape])
    case list(BodyShape)
    case texts

    /// - Parameter path: for the error's text.
    func check(_ value: JSONValue, _ path: String = "") throws(CalendarRefusal) {
        // A null means that the member is not there, or in a patch that it is to go.
        if value.isNull { return }
        switch (self, value) {
        case (.anything, _), (.text, .string), (.boolean, .bool), (.integer, .integer), (.long, .integer): return
        case (.long, .string(let text)) where Int(text) != nil: return
        case (.list(let shape), .array(let elements)):
            for element in elements { try shape.check(element, path) }
        case (.texts, .object(let members)):
            for member in members { try Self.text.check(member.value, Self.join(path, member.name)) }
        case (.object(let shapes), .object(let members)):
            for member in members {
                guard let shape = shapes[member.name] else {
                    let place = path.isEmpty ? "" : " at '\(path)'"
                    throw .unknown(
                        "Invalid JSON payload received. Unknown name \"\(member.name)\"\(place): Cannot find field.")
                }
                try shape.check(member.value, Self.join(path, member.name))
            }
        default: throw .unknown("Invalid value at '\(path)': \(value.typeName)")
        }
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

extension BodyShape {
    private static func texts(_ names: String...) -> [String: BodyShape] {
        Dictionary(uniqueKeysWithValues: names.map { ($0, .text) })
    }

    static let channel = BodyShape.object(
        texts("address", "id", "kind", "resourceId", "resourceUri", "token", "type").merging([
            "expiration": .long, "params": .texts, "payload": .boolean,
        ]) { $1 })

    static let freeBusy = BodyShape.object(
        texts("timeMax", "timeMin", "timeZone").merging([
            "calendarExpansionMax": .integer, "groupExpansionMax": .integer, "items": .list(.object(["id": .text])),
        ]) { $1 })

    private static let moment = BodyShape.object(texts("date", "dateTime", "timeZone"))
    private static let person = BodyShape.object(texts("displayName", "email", "id").merging(["self": .boolean]) { $1 })
    private static let attendee = BodyShape.object(
        texts("asyncOperation", "comment", "displayName", "email", "id", "responseStatus").merging([
            "additionalGuests": .integer, "optional": .boolean, "organizer": .boolean, "resource": .boolean,
            "self": .boolean,
        ]) { $1 })
    private static let reminders = BodyShape.object([
        "useDefault": .boolean, "overrides": .list(.object(["method": .text, "minutes": .integer])),
    ])
    private static let gadget = BodyShape.object(
        texts("display", "iconLink", "link", "title", "type").merging([
            "height": .integer, "width": .integer, "preferences": .texts,
        ]) { $1 })
    private static let solutionKey = BodyShape.object(texts("type"))
    private static let entryPoint = BodyShape.object(
        texts(
            "accessCode", "entryPointType", "label", "meetingCode", "passcode", "password", "pin", "regionCode", "uri"
        ).merging(["entryPointFeatures": .list(.text)]) { $1 })
    private static let conference = BodyShape.object(
        texts("conferenceId", "notes", "signature").merging([
            "conferenceSolution": .object(["iconUri": .text, "key": solutionKey, "name": .text]),
            "createRequest": .object([
                "conferenceSolutionKey": solutionKey, "requestId": .text, "status": .object(texts("statusCode")),
            ]),
            "entryPoints": .list(entryPoint),
            "parameters": .object(["addOnParameters": .object(["parameters": .texts])]),
        ]) { $1 })
    private static let workingLocation = BodyShape.object([
        "customLocation": .object(texts("label")), "homeOffice": .anything, "type": .text,
        "officeLocation": .object(texts("buildingId", "deskId", "floorId", "floorSectionId", "label")),
    ])

    static let event = BodyShape.object(
        texts(
            "colorId", "created", "description", "etag", "eventLabelId", "eventType", "hangoutLink", "htmlLink",
            "iCalUID", "id", "kind", "location", "recurringEventId", "status", "summary", "transparency", "updated",
            "visibility"
        ).merging([
            "anyoneCanAddSelf": .boolean, "attendeesOmitted": .boolean, "endTimeUnspecified": .boolean,
            "guestsCanInviteOthers": .boolean, "guestsCanModify": .boolean, "guestsCanSeeOtherGuests": .boolean,
            "locked": .boolean, "privateCopy": .boolean, "sequence": .integer, "start": moment, "end": moment,
            "originalStartTime": moment, "recurrence": .list(.text), "attendees": .list(attendee),
            "creator": person, "organizer": person, "reminders": reminders, "gadget": gadget,
            "source": .object(texts("title", "url")), "conferenceData": conference,
            "extendedProperties": .object(["private": .texts, "shared": .texts]),
            "attachments": .list(.object(texts("fileId", "fileUrl", "iconLink", "mimeType", "title"))),
            "birthdayProperties": .object(texts("contact", "customTypeName", "type")),
            "focusTimeProperties": .object(texts("autoDeclineMode", "chatStatus", "declineMessage")),
            "outOfOfficeProperties": .object(texts("autoDeclineMode", "declineMessage")),
            "workingLocationProperties": workingLocation,
        ]) { $1 })
}
