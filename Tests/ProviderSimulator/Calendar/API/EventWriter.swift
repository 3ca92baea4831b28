import Domain
import Foundation

/// Makes events out of bodies, in one account's name in one calendar.
struct EventWriter: Sendable {
    let account: Account
    let info: CalendarInfo
    let isPrimary: Bool
    let parameters: CalendarParameters
    var now = Date()

    private var me: SimulatedEvent.Person {
        .init(email: account.email, name: isPrimary ? nil : account.title, isSelf: isPrimary)
    }
    private var owner: SimulatedEvent.Person {
        isPrimary ? me : .init(email: info.id, name: info.title, isSelf: true)
    }

    func inserted(_ body: JSONValue) throws(CalendarRefusal) -> SimulatedEvent {
        let read = try EventBody(body, isInstance: false, calendarZone: info.timeZone)
        let id = try chosenID(body) ?? Self.freshID()
        var event = SimulatedEvent(
            id: id, status: read.status, start: read.start, end: read.end, recurrence: read.recurrence,
            iCalUID: body["iCalUID"]?.text ?? "\(id)@google.com", created: now, updated: now, creator: me,
            organizer: owner)
        event.fields = fields(read.fields, before: nil, organizer: owner)
        return event
    }

    /// - Parameter body: all of the event.
    func replaced(_ event: SimulatedEvent, by body: JSONValue) throws(CalendarRefusal) -> SimulatedEvent {
        let read = try EventBody(body, isInstance: event.series != nil, calendarZone: info.timeZone)
        var changed = event
        changed.status = read.status
        changed.start = read.start
        changed.end = read.end
        changed.recurrence = read.recurrence
        changed.fields = fields(read.fields, before: event, organizer: event.organizer)
        return changed
    }

    /// - Parameter patch: what is to change about it.
    func patched(_ event: SimulatedEvent, with patch: JSONValue) throws(CalendarRefusal) -> SimulatedEvent {
        let zone = Zones.offsets(info.timeZone)
        func moment(_ moment: EventMoment) -> JSONValue {
            guard moment.zone == nil, case .time(let instant, _) = moment else {
                return moment.json(in: zone, calendarZone: info.timeZone)
            }
            return .members(["dateTime": .string(EventMoment.text(instant, in: zone))])
        }
        var whole: [JSONValue.Member] = [
            .init(name: "status", value: .string(event.status)), .init(name: "start", value: moment(event.start)),
            .init(name: "end", value: moment(event.end)),
            .init(name: "recurrence", value: .array(event.recurrence.map(JSONValue.string))),
        ]
        whole += event.fields
        return try replaced(event, by: JSONValue.object(whole).patched(with: patch))
    }

    private func chosenID(_ body: JSONValue) throws(CalendarRefusal) -> String? {
        guard let id = body["id"]?.text else { return nil }
        // base32hex, in lower case: https://www.rfc-editor.org/rfc/rfc2938#section-3.1.2
        let isGood =
            (5...1024).contains(id.utf8.count)
            && id.utf8.allSatisfy { "0123456789abcdefghijklmnopqrstuv".utf8.contains($0) }
        guard isGood else { throw .invalidValue("Invalid resource id value.") }
        return id
    }

    static func freshID() -> String {
        let letters = Array("0123456789abcdefghijklmnopqrstuv")
        return String((0..<26).map { _ in letters[Int.random(in: 0..<32)] })
    }

    private func fields(
        _ fields: [JSONValue.Member], before: SimulatedEvent?, organizer: SimulatedEvent.Person
    ) -> [JSONValue.Member] {
        var kept = fields
        if parameters.integer("conferenceDataVersion") == 1 {
            if let place = kept.firstIndex(where: { $0.name == "conferenceData" }) {
                kept[place].value = Self.conference(kept[place].value)
            }
        } else {
            // Without the version a client has never heard of conferences, and changes none.
            kept.removeAll { $0.name == "conferenceData" }
            if let conference = before?["conferenceData"] {
                kept.append(.init(name: "conferenceData", value: conference))
            } else if let link = before?["hangoutLink"] {
                kept.append(.init(name: "hangoutLink", value: link))
            }
        }
        if let link = kept.first(where: { $0.name == "conferenceData" })?.value["entryPoints"]?.elements?.first?["uri"]
        {
            kept.append(.init(name: "hangoutLink", value: link))
        }
        if let place = kept.firstIndex(where: { $0.name == "attendees" }) {
            let people = kept[place].value.elements ?? []
            kept[place].value = .array(people.map { attendee($0, organizer) })
        }
        return kept.filter { $0.name != "attendees" || $0.value != .array([]) }
    }

    private func attendee(_ person: JSONValue, _ organizer: SimulatedEvent.Person) -> JSONValue {
        guard case .object(var members) = person else { return person }
        let own: Set = ["self", "organizer"]
        members.removeAll { own.contains($0.name) }
        let isMe = person["email"]?.text?.lowercased() == account.email.lowercased()
        if isMe, isPrimary { members.append(.init(name: "self", value: .bool(true))) }
        if person["email"]?.text == organizer.email { members.append(.init(name: "organizer", value: .bool(true))) }
        if person["responseStatus"] == nil {
            members.append(.init(name: "responseStatus", value: isMe ? "accepted" : "needsAction"))
        }
        return .object(members)
    }

    /// A video call for the asking.
    private static func conference(_ data: JSONValue) -> JSONValue {
        guard let request = data["createRequest"], let id = request["requestId"]?.text else { return data }
        var generator = SeededGenerator(seed: SeededGenerator.hash(id))
        let code = [3, 4, 3].map { length in
            String((0..<length).map { _ in "abcdefghijkmnopqrstuvwxyz".randomElement(using: &generator) ?? "a" })
        }.joined(separator: "-")
        let solution: JSONValue = .members([
            "key": .members(["type": "hangoutsMeet"]), "name": "Google Meet",
            "iconUri": "https://fonts.gstatic.com/s/i/productlogos/meet_2020q4/v6/web-512dp/logo_meet_2020q4.png",
        ])
        return .members([
            "createRequest": .members([
                "requestId": .string(id), "conferenceSolutionKey": .members(["type": "hangoutsMeet"]),
                "status": .members(["statusCode": "success"]),
            ]),
            "entryPoints": [
                .members([
                    "entryPointType": "video", "uri": .string("https://meet.google.com/\(code)"),
                    "label": .string("meet.google.com/\(code)"),
                ])
            ],
            "conferenceSolution": solution, "conferenceId": .string(code),
        ])
    }
}
