import Domain
import Foundation
import Testing

@Suite struct BusyTimeTests {
    private func busy(_ events: [CalendarEvent], _ zone: ZoneOffsets = .utc) throws -> [Range<Date>] {
        let day = try range("2026-06-01T08:00:00Z", "2026-06-01T18:00:00Z")
        let found = CalendarExpansion(events: events, calendarZone: .utc).occurrences(in: day, zone: zone, atMost: 100)
        return BusyTime.intervals(of: found.found, within: day, zone: zone)
    }

    @Test func `what overlaps or touches is one, and what is outside is cut off`() throws {
        let events = try [
            "2026-06-01T07:00:00Z/2026-06-01T09:00:00Z", "2026-06-01T11:00:00Z/2026-06-01T14:00:00Z",
            "2026-06-01T12:00:00Z/2026-06-01T13:00:00Z", "2026-06-01T14:00:00Z/2026-06-01T15:00:00Z",
            "2026-06-01T10:00:00Z/2026-06-01T10:00:00Z", "2026-06-01T17:00:00Z/2026-06-03T13:00:00Z",
        ].enumerated().map { try CalendarEvent("e\($0)", $1) }
        #expect(
            try busy(events) == [
                range("2026-06-01T08:00:00Z", "2026-06-01T09:00:00Z"),
                range("2026-06-01T11:00:00Z", "2026-06-01T15:00:00Z"),
                range("2026-06-01T17:00:00Z", "2026-06-01T18:00:00Z"),
            ])
    }

    @Test func `what is transparent, declined, cancelled or a place of work keeps nobody busy`() throws {
        let event = try CalendarEvent("e", "2026-06-01T09:00:00Z/2026-06-01T10:00:00Z")
        var owner = CalendarEvent.Attendee(email: "ada@example.com", responseStatus: "declined")
        owner.`self` = true
        func made(_ change: (inout CalendarEvent) -> Void) -> CalendarEvent {
            var made = event
            change(&made)
            return made
        }
        #expect(BusyTime.isBusy(event))
        #expect(BusyTime.isBusy(made { $0.transparency = "opaque" }))
        #expect(BusyTime.isBusy(made { $0.status = .tentative }))
        #expect(BusyTime.isBusy(made { $0.type = "outOfOffice" }))
        #expect(BusyTime.isBusy(made { $0.attendees = [.init(email: "x@example.com", responseStatus: "declined")] }))
        #expect(!BusyTime.isBusy(made { $0.transparency = "transparent" }))
        #expect(!BusyTime.isBusy(made { $0.status = .cancelled }))
        #expect(!BusyTime.isBusy(made { $0.type = "workingLocation" }))
        #expect(!BusyTime.isBusy(made { $0.attendees = [owner] }))
        owner.responseStatus = "accepted"
        #expect(BusyTime.isBusy(made { $0.attendees = [owner] }))
        #expect(try busy([made { $0.attendees = [] }]).count == 1)
    }

    @Test func `a day keeps busy for the day of whoever asks`() throws {
        let events = [try CalendarEvent("d", "2026-06-01/2026-06-02")]
        #expect(
            try busy(events, zone("America/New_York")) == [range("2026-06-01T08:00:00Z", "2026-06-01T18:00:00Z")])
        #expect(
            try busy(events, zone("Asia/Tokyo")) == [range("2026-06-01T08:00:00Z", "2026-06-01T15:00:00Z")])
    }

    @Test func `busy and free time make up the range, without overlap`() throws {
        var random = SeededRandom(seed: 3)
        for seed in 0..<40 {
            var calendar = RandomCalendar(seed: UInt64(seed))
            let events = calendar.events(masters: 20, singles: 20)
            let start = Date(
                timeIntervalSince1970: Double(Int.random(in: 1_300_000_000...1_800_000_000, using: &random)))
            let range = start..<start.addingTimeInterval(20 * 86_400)
            let found = CalendarExpansion(events: events, calendarZone: .utc)
                .occurrences(in: range, zone: .utc, atMost: .max).found
            let busy = BusyTime.intervals(of: found, within: range, zone: .utc)
            let free = BusyTime.free(within: range, busy: busy)
            let parts = (busy + free).sorted { $0.lowerBound < $1.lowerBound }
            #expect(parts.first?.lowerBound == range.lowerBound && parts.last?.upperBound == range.upperBound)
            #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(parts.allSatisfy { !$0.isEmpty })
            for occurrence in found {
                let interval = occurrence.interval(in: .utc).clamped(to: range)
                #expect(interval.isEmpty || busy.contains { $0.clamped(to: interval) == interval })
            }
        }
    }

    @Test func `without anything to do all is free, and a range without time has none`() throws {
        let day = try range("2026-06-01T08:00:00Z", "2026-06-01T18:00:00Z")
        #expect(BusyTime.free(within: day, busy: []) == [day])
        #expect(BusyTime.free(within: day, busy: [day]).isEmpty)
        #expect(BusyTime.free(within: day.lowerBound..<day.lowerBound, busy: []).isEmpty)
    }
}
