import Domain
import Foundation
import Testing

@Suite struct ICalendarExportTests {
    private func export(_ zone: ZoneOffsets = .utc) throws -> ICalendarExport {
        ICalendarExport(title: "Ada", zone: zone, now: try utc("2026-02-01T12:00:00Z"))
    }

    /// Unfolded lines.
    private func lines(_ text: String) -> [String] {
        text.replacing("\r\n ", with: "").split(separator: "\r\n").map(String.init)
    }

    private func properties(_ event: CalendarEvent, holes: [EventMoment] = [], _ zone: ZoneOffsets = .utc) throws
        -> [String]
    {
        var export = try export(zone)
        let all = lines(export.component(of: event, holes: holes))
        return Array(all.drop { $0 != "BEGIN:VEVENT" })
    }

    private func single() throws -> CalendarEvent {
        try CalendarEvent("e1", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", zone: "Europe/Berlin")
    }

    @Test func `an event is written with all that is known of it`() throws {
        var event = try single()
        event.summary = "Plan; it, all\\"
        event.description = "one\ntwo\r\nthree"
        event.location = "Köln"
        event.iCalUID = "e1@google.com"
        event.sequence = 3
        event.status = .tentative
        event.transparency = "transparent"
        event.visibility = "private"
        event.created = try utc("2026-01-01T00:00:00Z")
        event.updated = RFC3339.date("2026-01-02T00:00:00.5Z")
        event.link = "https://example.com/?a=1,2;b"
        event.organizer = .init(email: "ada@example.com", displayName: "Ada \"A\" L; x")
        var room = CalendarEvent.Attendee(email: "r,1@example.com", displayName: "Room", responseStatus: "accepted")
        room.resource = true
        room.optional = true
        event.attendees = [room, .init(email: "b@example.com", responseStatus: "needsAction"), .init(displayName: "x")]
        #expect(
            try properties(event) == [
                "BEGIN:VEVENT", "UID:e1@google.com", "DTSTAMP:20260201T120000Z",
                "DTSTART;TZID=Europe/Berlin:20260601T090000", "DTEND;TZID=Europe/Berlin:20260601T100000",
                "SUMMARY:Plan\\; it\\, all\\\\", "DESCRIPTION:one\\ntwo\\nthree", "LOCATION:Köln", "STATUS:TENTATIVE",
                "TRANSP:TRANSPARENT", "CLASS:PRIVATE", "SEQUENCE:3", "CREATED:20260101T000000Z",
                "LAST-MODIFIED:20260102T000000Z", "URL:https://example.com/?a=1%2C2%3Bb",
                "ORGANIZER;CN=\"Ada 'A' L; x\":mailto:ada@example.com",
                "ATTENDEE;CN=\"Room\";CUTYPE=RESOURCE;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:r%2C1@example.com",
                "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:b@example.com", "END:VEVENT",
            ])
    }

    @Test func `days are days, and an event that takes no time has no end`() throws {
        let day = try properties(CalendarEvent("d", "2026-06-01/2026-06-03"))
        #expect(day.contains("DTSTART;VALUE=DATE:20260601") && day.contains("DTEND;VALUE=DATE:20260603"))
        let moment = try properties(CalendarEvent("t", "2026-06-01T07:00:00Z/2026-06-01T07:00:00Z"))
        #expect(moment.contains("DTSTART:20260601T070000Z") && !moment.contains { $0.hasPrefix("DTEND") })
        #expect(try properties(CalendarEvent.hole(in: "m", at: "2026-06-01")).isEmpty)
        #expect(try properties(CalendarEvent(id: "x")).isEmpty)
    }

    @Test func `a series has its lines and its holes in the form of its start`() throws {
        let master = try CalendarEvent(
            "m", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", zone: "Europe/Berlin",
            "RRULE:FREQ=DAILY;UNTIL=20260630", "EXDATE;VALUE=DATE:20260603", "RDATE:20260701T090000",
            "EXDATE:20260604T070000Z")
        let found = try properties(master, holes: [moment("2026-06-05T07:00:00Z"), moment("2026-06-06")])
        #expect(found.contains("RRULE:FREQ=DAILY;UNTIL=20260630T215959Z"))
        #expect(found.contains("RDATE;TZID=Europe/Berlin:20260701T090000"))
        #expect(found.contains("EXDATE;TZID=Europe/Berlin:20260605T090000,20260603T090000,20260604T090000"))
        let days = try CalendarEvent("d", "2026-06-01/2026-06-02", "RRULE:FREQ=DAILY;UNTIL=20260630T100000Z")
        let ofDays = try properties(days, holes: [moment("2026-06-05")])
        #expect(ofDays.contains("RRULE:FREQ=DAILY;UNTIL=20260630") && ofDays.contains("EXDATE;VALUE=DATE:20260605"))
    }

    @Test func `a rule that cannot be read is left out`() throws {
        let master = try CalendarEvent(
            "m", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", zone: "UTC", "RRULE:FREQ=DAILY\r\nX-EVIL:1")
        let found = try properties(master)
        #expect(found.contains("DTSTART:20260601T070000Z") && !found.contains { $0.hasPrefix("RRULE") })
    }

    @Test func `an exception shares its series' name and says where it belongs`() throws {
        let exception = try CalendarEvent(
            "2026-06-03T13:00:00Z/2026-06-03T14:00:00Z", of: "m", at: "2026-06-03T07:00:00Z", zone: "Europe/Berlin")
        let found = try properties(exception)
        #expect(found.contains("UID:m") && found.contains("RECURRENCE-ID;TZID=Europe/Berlin:20260603T090000"))
        let ofDays = try properties(CalendarEvent("2026-06-03/2026-06-04", of: "m", at: "2026-06-02"))
        #expect(ofDays.contains("RECURRENCE-ID;VALUE=DATE:20260602"))
    }

    @Test func `an instant that a clock shows twice, or before 1970, is written in UTC`() throws {
        for (times, start) in [
            ("2026-10-25T01:30:00Z/2026-10-25T03:00:00Z", "DTSTART:20261025T013000Z"),
            ("1950-10-25T01:30:00Z/1950-10-25T03:00:00Z", "DTSTART:19501025T013000Z"),
            ("2026-10-25T00:30:00Z/2026-10-25T03:00:00Z", "DTSTART;TZID=Europe/Berlin:20261025T023000"),
        ] {
            #expect(try properties(CalendarEvent("e", times, zone: "Europe/Berlin")).contains(start))
        }
    }

    @Test func `each zone is described once, before it is used`() throws {
        var export = try export()
        let first = lines(export.component(of: try single()))
        #expect(first.first == "BEGIN:VTIMEZONE" && first[1] == "TZID:Europe/Berlin")
        #expect(lines(export.component(of: try single())).first == "BEGIN:VEVENT")
        let other = try CalendarEvent("e", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", zone: "Asia/Kolkata")
        #expect(
            Array(lines(export.component(of: other)).prefix(9)) == [
                "BEGIN:VTIMEZONE", "TZID:Asia/Kolkata", "BEGIN:STANDARD", "DTSTART:19700101T053000",
                "TZOFFSETFROM:+0530", "TZOFFSETTO:+0530", "END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT",
            ])
    }

    @Test func `a zone's summer time is there for each year`() throws {
        var export = try export()
        let found = lines(export.component(of: try single()))
        let start = try #require(found.firstIndex { $0.hasPrefix("RDATE:") && $0.contains("20260329T020000") })
        #expect(found[start - 4] == "BEGIN:DAYLIGHT")
        #expect(found[start - 2] == "TZOFFSETFROM:+0100" && found[start - 1] == "TZOFFSETTO:+0200")
        #expect(found[start].contains("20400325T020000"))
        #expect(found.contains { $0.hasPrefix("RDATE:") && $0.contains("20261025T030000") })
    }

    @Test func `lines have at most 75 octets, and no character is cut`() throws {
        var random = SeededRandom(seed: 9)
        for _ in 0..<50 {
            var event = try single()
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...400, using: &random)).map { _ in
                        ["a", "ö", "日", "🎈", ",", "\n"].randomElement(using: &random) ?? "a"
                    }))
            event.summary = text
            var export = try export()
            let written = export.component(of: event)
            let bytes = Array(written.utf8)
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                #expect(line.last == UInt8(ascii: "\r") && line.count <= 76)
                #expect(String(validating: line, as: UTF8.self) != nil)
            }
            let summary = lines(written).first { $0.hasPrefix("SUMMARY:") } ?? "SUMMARY:"
            #expect(
                summary.dropFirst(8).replacing("\\n", with: "\n").replacing("\\,", with: ",") == text)
        }
    }

    private static let breaks = [
        "\r\n", "\n", "\r", "\u{0B}", "\u{0C}", "\u{1C}", "\u{1D}", "\u{1E}", "\u{85}", "\u{2028}", "\u{2029}", "\0",
    ]

    @Test(arguments: breaks)
    func `no text begins a line of its own`(lineBreak: String) throws {
        let evil = "a\(lineBreak)X-EVIL:1\(lineBreak) BEGIN:VALARM\(lineBreak)"
        var event = CalendarEvent(
            id: evil, start: .time(try utc("2026-06-01T07:00:00Z"), zone: evil),
            end: .time(try utc("2026-06-01T08:00:00Z"), zone: evil))
        event.summary = evil
        event.description = evil
        event.location = evil
        event.iCalUID = evil
        event.series = evil
        event.original = event.start
        event.visibility = evil
        event.transparency = evil
        event.link = evil
        event.conferenceLink = evil
        event.organizer = .init(email: evil, displayName: evil)
        event.attendees = [.init(email: evil, displayName: evil, responseStatus: evil)]
        var master = event
        master.series = nil
        master.recurrence = ["RRULE:FREQ=DAILY;COUNT=2", evil, "RRULE:\(evil)", "RDATE;TZID=\(evil):20260601T070000"]
        var export = ICalendarExport(title: evil, zone: .utc, now: try utc("2026-02-01T12:00:00Z"))
        let text = export.text(events: [event, master])
        let allowed = [
            "BEGIN", "VERSION", "PRODID", "CALSCALE", "X-WR-CALNAME", "X-WR-TIMEZONE", "UID", "DTSTAMP", "DTSTART",
            "DTEND", "RECURRENCE-ID", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "TRANSP", "URL", "CONFERENCE",
            "ORGANIZER", "ATTENDEE", "END",
        ]
        let ends = Self.breaks.dropFirst().flatMap(\.unicodeScalars)
        for line in text.unicodeScalars.split(whereSeparator: ends.contains).map(String.init) where line.first != " " {
            #expect(allowed.contains(String(line.prefix { $0 != ":" && $0 != ";" })), "\(line)")
            #expect(!line.hasPrefix("BEGIN:VALARM"))
        }
        #expect(lines(text).filter { $0.hasPrefix("BEGIN:") }.count == 3)
    }

    @Test func `a whole calendar has its holes in their series`() throws {
        let events = [
            try CalendarEvent.hole(in: "m", at: "2026-06-02T07:00:00Z"), try single(),
            try CalendarEvent(
                "m", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", zone: "Europe/Berlin", "RRULE:FREQ=DAILY"),
        ]
        var export = try export(zone("Europe/Berlin"))
        let found = lines(export.text(events: events))
        #expect(
            Array(found.prefix(6)) == [
                "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Errand//Calendar//EN", "CALSCALE:GREGORIAN",
                "X-WR-CALNAME:Ada", "X-WR-TIMEZONE:Europe/Berlin",
            ])
        #expect(found.last == "END:VCALENDAR" && found.contains("EXDATE;TZID=Europe/Berlin:20260602T090000"))
        #expect(found.filter { $0 == "BEGIN:VEVENT" }.count == 2)
        #expect(found.filter { $0 == "BEGIN:VTIMEZONE" }.count == 1)
    }
}
