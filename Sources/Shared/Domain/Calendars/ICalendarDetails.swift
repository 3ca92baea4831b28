import FoundationEssentials

/// What an event is about and who comes, as properties of RFC 5545.
struct ICalendarDetails {
    let event: CalendarEvent

    func write(to lines: inout ICalendarLines) {
        lines.add("SUMMARY", text: event.summary)
        lines.add("DESCRIPTION", text: event.description)
        lines.add("LOCATION", text: event.location)
        lines.add("STATUS", value: event.status == .tentative ? "TENTATIVE" : "CONFIRMED")
        lines.add("TRANSP", value: event.transparency == "transparent" ? "TRANSPARENT" : "OPAQUE")
        if let visibility = event.visibility, ["public", "private", "confidential"].contains(visibility) {
            lines.add("CLASS", value: visibility.uppercased())
        }
        if let sequence = event.sequence { lines.add("SEQUENCE", value: String(max(0, sequence))) }
        for (name, date) in [("CREATED", event.created), ("LAST-MODIFIED", event.updated)] {
            if let date { lines.add(name, value: EventMoment.time(date, zone: nil).digits) }
        }
        if let link = event.link { lines.add("URL", value: ICalendarLines.uri(link)) }
        if let link = event.conferenceLink {
            // https://www.rfc-editor.org/rfc/rfc7986#section-5.11
            lines.add("CONFERENCE", [("VALUE", "URI"), ("FEATURE", "VIDEO")], value: ICalendarLines.uri(link))
        }
        writePeople(to: &lines)
    }

    private func writePeople(to lines: inout ICalendarLines) {
        if let organizer = event.organizer, let email = organizer.email {
            lines.add("ORGANIZER", name(organizer.displayName), value: ICalendarLines.address(email))
        }
        for attendee in event.attendees ?? [] {
            guard let email = attendee.email else { continue }
            var parameters = name(attendee.displayName)
            if attendee.resource == true { parameters.append(("CUTYPE", "RESOURCE")) }
            parameters.append(("ROLE", attendee.optional == true ? "OPT-PARTICIPANT" : "REQ-PARTICIPANT"))
            parameters.append(("PARTSTAT", Self.participation[attendee.responseStatus ?? ""] ?? "NEEDS-ACTION"))
            lines.add("ATTENDEE", parameters, value: ICalendarLines.address(email))
        }
    }

    private static let participation = ["accepted": "ACCEPTED", "declined": "DECLINED", "tentative": "TENTATIVE"]

    private func name(_ text: String?) -> [(name: String, value: String)] {
        guard let text, !text.isEmpty else { return [] }
        return [("CN", ICalendarLines.quoted(text))]
    }
}
