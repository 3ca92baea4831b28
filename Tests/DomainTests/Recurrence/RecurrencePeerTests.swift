import Foundation
import Testing

@testable import Domain

/// What python-dateutil 4.0.0 finds for seeded random events: Tests/Recurrence/dateutil.cases, and beside it the script
/// that made them and says where dateutil departs from the RFC.
@Suite struct RecurrencePeerTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Recurrence/dateutil.cases")

    private static let cases = Result {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private static func instant(_ text: some StringProtocol) throws -> Date {
        try #require(RecurrenceMoment(text).flatMap { if case .instant(let date) = $0 { date } else { nil } })
    }

    private static func day(_ text: some StringProtocol) throws -> CalendarDay {
        try #require(RecurrenceMoment(text).flatMap { if case .day(let day) = $0 { day } else { nil } })
    }

    private static func local(_ text: some StringProtocol) throws -> LocalTime {
        try #require(RecurrenceMoment(text).flatMap { if case .local(let local) = $0 { local } else { nil } })
    }

    @Test func `events at a time in a zone recur as dateutil finds`() throws {
        var compared = 0
        for fields in try Self.cases.get() where fields[0] != "day" {
            let local = try Self.local(fields[1])
            let zone = try #require(ZoneOffsets(iana: fields[0]))
            let set = try RecurrenceSet(
                start: ZonedTime(local, in: zone), lines: fields[2].split(separator: "|").map(String.init))
            let range = try fields[3].split(separator: " ").map(Self.instant)
            let found = set.occurrences(in: range[0]..<range[1])
            let expected = try fields[4].split(separator: " ").map(Self.instant)
            #expect(found == Occurrences(starts: expected, limit: nil), "\(fields)")
            compared += expected.count
        }
        #expect(compared > 3000)
    }

    @Test func `events of whole days recur as dateutil finds`() throws {
        var compared = 0
        for fields in try Self.cases.get() where fields[0] == "day" {
            let set = try RecurrenceSet(
                start: Self.day(fields[1]), lines: fields[2].split(separator: "|").map(String.init))
            let range = try fields[3].split(separator: " ").map(Self.day)
            let found = set.occurrences(in: range[0]..<range[1])
            let expected = try fields[4].split(separator: " ").map(Self.day)
            #expect(found == Occurrences(starts: expected, limit: nil), "\(fields)")
            compared += expected.count
        }
        #expect(compared > 1000)
    }
}
