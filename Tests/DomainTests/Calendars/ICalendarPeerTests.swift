import Foundation
import Testing

@testable import Domain

/// What the Python libraries icalendar and recurring-ical-events find in our exports of seeded random calendars:
/// Tests/Calendar/icalendar.cases, and beside it the script that made them from what `files are written` writes.
@Suite struct ICalendarPeerTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Calendar")

    private static var output: String? { ProcessInfo.processInfo.environment["ICALENDAR_OUTPUT"] }

    /// One random calendar, and a time to look at.
    private struct Case {
        let events: [CalendarEvent]
        let range: Range<Date>
        let zone: ZoneOffsets

        init(_ number: Int) throws {
            var calendar = RandomCalendar(seed: UInt64(7_000 + number), isTame: true)
            events = calendar.events(masters: 6, singles: 6)
            let name = RandomCalendar.zones.randomElement(using: &calendar.random) ?? "UTC"
            zone = try DomainTests.zone(name)
            let start = CalendarDay(number: Int.random(in: 18_300...19_700, using: &calendar.random)).start(in: zone)
            range = start..<start.addingTimeInterval(90 * 86_400)
        }

        func export() throws -> String {
            var export = ICalendarExport(title: "Case", zone: zone, now: try utc("2026-02-01T12:00:00Z"))
            return export.text(events: events)
        }

        /// `20260601T070000Z/20260601T080000Z/summary` or `20260601/20260602/summary`, sorted. Those that begin in the
        /// first and last days of the range are left out: what a day is near its ends depends on who asks.
        func occurrences() -> [String] {
            let twoDays = 2.0 * 86_400
            let inner = range.lowerBound.addingTimeInterval(twoDays)..<range.upperBound.addingTimeInterval(-twoDays)
            let found = CalendarExpansion(events: events, calendarZone: zone)
                .occurrences(in: range, zone: zone, atMost: .max).found
            return found.filter { inner.contains($0.start.instant(in: .utc)) }
                .map { "\($0.start.digits)/\($0.end.digits)/\($0.event.summary ?? "")" }.sorted()
        }
    }

    /// FNV-1a of 64 bits. What zones look like is the business of whoever keeps them.
    private static func digest(_ text: String) -> String {
        var isZone = false
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for line in text.split(separator: "\r\n") {
            if line == "BEGIN:VTIMEZONE" { isZone = true }
            if !isZone { for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
            if line == "END:VTIMEZONE" { isZone = false }
        }
        return String(hash, radix: 16)
    }

    @Test func `our own expansion is what others find in the export`() throws {
        let file = try String(contentsOf: Self.directory.appending(path: "icalendar.cases"), encoding: .utf8)
        var compared = 0
        for line in file.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let made = try Case(try #require(Int(fields[0])))
            let expected = fields[2].split(separator: " ").map(String.init)
            #expect(made.occurrences() == expected, "case \(fields[0])")
            #expect(Self.digest(try made.export()) == fields[1], "case \(fields[0]) is written anew: check it")
            compared += expected.count
        }
        #expect(compared > 3_000)
    }

    /// For the script: as many cases as `ICALENDAR_CASES` says into the directory that `ICALENDAR_OUTPUT` names.
    @Test(.enabled(if: output != nil)) func `files are written`() throws {
        let directory = URL(filePath: try #require(Self.output))
        let count = ProcessInfo.processInfo.environment["ICALENDAR_CASES"].flatMap { Int($0) } ?? 60
        for number in 0..<count {
            let made = try Case(number)
            let text = try made.export()
            let range = [made.range.lowerBound, made.range.upperBound].map { EventMoment.time($0, zone: nil).digits }
            let fields = [Self.digest(text), range.joined(separator: " "), made.occurrences().joined(separator: " ")]
            try text.write(to: directory.appending(path: "\(number).ics"), atomically: true, encoding: .utf8)
            try fields.joined(separator: "\t")
                .write(to: directory.appending(path: "\(number).expected"), atomically: true, encoding: .utf8)
        }
    }
}
