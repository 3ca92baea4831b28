import Foundation
import Testing

@testable import Domain

/// Random calendars against what is looked up one series at a time, without heaps, cursors or zones that remember.
@Suite struct CalendarExpansionPropertyTests {
    private struct Found: Equatable, Comparable {
        var start: Date
        var id: String
        var end: Date

        static func < (one: Found, other: Found) -> Bool { (one.start, one.id) < (other.start, other.id) }
    }

    private static let zones = ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "America/Sao_Paulo"]

    private func someRange(_ random: inout SeededRandom) -> Range<Date> {
        let start = Date(timeIntervalSince1970: Double(Int.random(in: 1_230_000_000...1_900_000_000, using: &random)))
        let seconds = [3600, 86_400, 30 * 86_400, 366 * 86_400].randomElement(using: &random) ?? 3600
        return start..<start.addingTimeInterval(Double(seconds))
    }

    @Test func `every occurrence is found, and no other`() throws {
        var random = SeededRandom(seed: 1)
        var compared = 0
        for seed in 0..<60 {
            var calendar = RandomCalendar(seed: UInt64(seed))
            let events = calendar.events(masters: 12, singles: 12)
            let expansion = CalendarExpansion(events: events, calendarZone: .utc)
            for name in Self.zones {
                let range = someRange(&random)
                let zone = try zone(name)
                let found = expansion.occurrences(in: range, zone: zone, atMost: .max)
                #expect(found.isComplete)
                let expected = try expected(events, range, zone)
                #expect(found.found.map { Self.found($0, zone) } == expected, "seed \(seed), \(name), \(range)")
                compared += expected.count
            }
        }
        #expect(compared > 10_000)
    }

    @Test func `what a limit leaves is the beginning of the whole`() throws {
        var random = SeededRandom(seed: 2)
        for seed in 100..<130 {
            var calendar = RandomCalendar(seed: UInt64(seed))
            let expansion = CalendarExpansion(events: calendar.events(masters: 12, singles: 12), calendarZone: .utc)
            let range = someRange(&random)
            let all = expansion.occurrences(in: range, zone: .utc, atMost: .max).found
            for limit in [1, all.count / 2, all.count - 1, all.count, all.count + 1] where limit >= 0 {
                let found = expansion.occurrences(in: range, zone: .utc, atMost: limit)
                #expect(found.found == Array(all.prefix(limit)))
                #expect(found.isComplete == (limit >= all.count))
            }
        }
    }

    @Test func `a span is never narrower than where its event takes place`() throws {
        var spans = 0
        var ends = 0
        for seed in 200..<230 {
            var calendar = RandomCalendar(seed: UInt64(seed))
            for event in calendar.events(masters: 6, singles: 4) {
                let calendarZone = try zone("America/New_York")
                guard let span = event.span(calendarZone: calendarZone) else {
                    #expect(event.status == .cancelled)
                    continue
                }
                var alone = event
                alone.series = nil
                let all = try range("1990-01-01T00:00:00Z", "2060-01-01T00:00:00Z")
                for name in Self.zones {
                    let zone = try zone(name)
                    let found = CalendarExpansion(events: [alone], calendarZone: calendarZone)
                        .occurrences(in: all, zone: zone, atMost: 1_000).found
                    for interval in found.map({ $0.interval(in: zone) }) {
                        #expect(span.first <= interval.lowerBound, "\(event)")
                        #expect(span.last.map { interval.upperBound <= $0 } ?? true, "\(event)")
                    }
                    spans += found.count
                }
                ends += span.last == nil ? 0 : 1
            }
        }
        #expect(spans > 20_000)
        #expect(ends > 150)
    }

    private static func found(_ occurrence: EventOccurrence, _ zone: ZoneOffsets) -> Found {
        let interval = occurrence.interval(in: zone)
        return Found(start: interval.lowerBound, id: occurrence.id, end: interval.upperBound)
    }

    private func expected(_ events: [CalendarEvent], _ range: Range<Date>, _ zone: ZoneOffsets) throws -> [Found] {
        var found: [Found] = []
        for event in events where event.status != .cancelled {
            guard event.isMaster else {
                let (start, end) = (try #require(event.start), try #require(event.end))
                found.append(
                    Found(start: start.instant(in: zone), id: event.id, end: end.instant(in: zone)))
                continue
            }
            let others = events.filter { $0.series == event.id }.compactMap(\.original?.digits)
            found += try starts(of: event, range).filter { !others.contains($0.digits) }.map { start in
                Found(
                    start: start.instant(in: zone), id: "\(event.id)_\(start.digits)",
                    end: try end(of: event, start).instant(in: zone))
            }
        }
        return found.filter { one in
            one.start == one.end
                ? range.contains(one.start) : one.start < range.upperBound && one.end > range.lowerBound
        }.sorted()
    }

    /// From forty days before the range: no event is longer.
    private func starts(of master: CalendarEvent, _ range: Range<Date>) throws -> [EventMoment] {
        let lines = try #require(master.recurrence)
        let lower = range.lowerBound.addingTimeInterval(-40 * 86_400)
        switch try #require(master.start) {
        case .day(let day):
            let upper = LocalTime(at: range.upperBound, in: .utc).day.adding(days: 2)
            return try RecurrenceSet(start: day, lines: lines)
                .occurrences(in: LocalTime(at: lower, in: .utc).day..<upper).starts.map(EventMoment.day)
        case .time(let instant, let name):
            let zone = try zone(try #require(name))
            return try RecurrenceSet(start: ZonedTime(at: instant, in: zone), lines: lines)
                .occurrences(in: lower..<range.upperBound).starts.map { .time($0, zone: name) }
        }
    }

    private func end(of master: CalendarEvent, _ start: EventMoment) throws -> EventMoment {
        switch (start, try #require(master.start), try #require(master.end)) {
        case (.day(let day), .day(let first), .day(let last)): .day(day.adding(days: last.number - first.number))
        case (.time(let instant, _), .time(let first, _), .time(let last, _)):
            .time(instant.addingTimeInterval(last.timeIntervalSince(first)), zone: nil)
        default: throw CancellationError()
        }
    }
}
