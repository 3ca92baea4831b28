import Domain
import Foundation
import Testing

@Suite struct CalendarExpansionTests {
    @Test func `a series keeps its clock when summer time begins, and has the provider's ids`() throws {
        let events = [
            try CalendarEvent(
                "standup", "2026-03-23T09:00:00+01:00/2026-03-23T09:30:00+01:00", zone: "Europe/Berlin",
                "RRULE:FREQ=WEEKLY;BYDAY=MO,TU")
        ]
        let found = try events.occurrences("2026-03-24T00:00:00Z", "2026-04-01T00:00:00Z").found
        #expect(
            found.map(\.id) == ["standup_20260324T080000Z", "standup_20260330T070000Z", "standup_20260331T070000Z"])
        #expect(found.allSatisfy { $0.isRecurring && $0.event.id == "standup" && $0.original == $0.start })
        #expect(found[1].start == (try moment("2026-03-30T07:00:00Z", zone: "Europe/Berlin")))
        #expect(found[1].end == (try moment("2026-03-30T07:30:00Z", zone: "Europe/Berlin")))
    }

    @Test func `a master without a zone, or of one that is not known, runs on the calendar's clock`() throws {
        for name in [nil, "Mars/Olympus", "EST"] {
            let master = try CalendarEvent(
                "m", "2026-03-07T09:00:00-05:00/2026-03-07T10:00:00-05:00", zone: name, "RRULE:FREQ=DAILY;COUNT=2")
            let ids = try [master].ids(
                "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", calendarZone: zone("America/New_York"))
            #expect(ids == ["m_20260307T140000Z", "m_20260308T130000Z"])
        }
    }

    @Test func `whole days are those of whoever asks`() throws {
        let events = [try CalendarEvent("d", "2026-05-01/2026-05-02", "RRULE:FREQ=MONTHLY")]
        let auckland = try zone("Pacific/Auckland")
        let found = try events.occurrences("2026-04-30T12:00:00Z", "2026-04-30T13:00:00Z", zone: auckland).found
        #expect(found.map(\.id) == ["d_20260501"])
        #expect(try found[0].interval(in: auckland) == range("2026-04-30T12:00:00Z", "2026-05-01T12:00:00Z"))
        #expect(try events.ids("2026-04-30T12:00:00Z", "2026-04-30T13:00:00Z").isEmpty)
        #expect(try events.ids("2026-05-01T12:00:00Z", "2026-05-02T00:00:00Z", zone: auckland).isEmpty)
        #expect(try found.map(\.start) == [moment("2026-05-01")] && found.map(\.end) == [moment("2026-05-02")])
    }

    @Test func `a day begins when clocks are set where its midnight is skipped, and may be left out altogether`() throws
    {
        let saoPaulo = try EventOccurrence(
            id: "a", event: CalendarEvent(id: "a"), start: moment("2018-11-04"), end: moment("2018-11-05"))
        #expect(
            try saoPaulo.interval(in: zone("America/Sao_Paulo"))
                == range("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"))
        let apia = try EventOccurrence(
            id: "b", event: CalendarEvent(id: "b"), start: moment("2011-12-30"), end: moment("2011-12-31"))
        #expect(try apia.interval(in: zone("Pacific/Apia")).isEmpty)
    }

    @Test func `holes and exceptions take the place of what they name`() throws {
        let berlin = "Europe/Berlin"
        let events = [
            try CalendarEvent.hole(in: "m", at: "2026-06-02T07:00:00Z"),
            try CalendarEvent(
                "2026-06-03T13:00:00Z/2026-06-03T14:00:00Z", of: "m", at: "2026-06-03T07:00:00Z", zone: berlin),
            try CalendarEvent(
                "m", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", zone: berlin, "RRULE:FREQ=DAILY;COUNT=4"),
        ]
        let found = try events.occurrences("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z").found
        #expect(found.map(\.id) == ["m_20260601T070000Z", "m_2026-06-03T07:00:00Z", "m_20260604T070000Z"])
        #expect(found.map(\.isRecurring) == [true, true, true])
        #expect(found[1].original == events[1].original && found[1].event == events[1])
    }

    @Test func `exceptions move into the range and out of it`() throws {
        let events = [
            try CalendarEvent("m", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", zone: "UTC", "RRULE:FREQ=MONTHLY"),
            try CalendarEvent("2026-06-20T07:00:00Z/2026-06-20T08:00:00Z", of: "m", at: "2026-08-01T07:00:00Z"),
            try CalendarEvent("2026-09-20T07:00:00Z/2026-09-20T08:00:00Z", of: "m", at: "2026-07-01T07:00:00Z"),
        ]
        #expect(
            try events.ids("2026-06-01T00:00:00Z", "2026-08-02T00:00:00Z") == [
                "m_20260601T070000Z", "m_2026-08-01T07:00:00Z",
            ])
    }

    @Test func `an exception of a time may be of whole days, and the other way round`() throws {
        let timed = [
            try CalendarEvent(
                "m", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", zone: "UTC", "RRULE:FREQ=DAILY;COUNT=2"),
            try CalendarEvent("2026-06-05/2026-06-06", of: "m", at: "2026-06-02T07:00:00Z"),
        ]
        #expect(
            try timed.ids("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z") == [
                "m_20260601T070000Z", "m_2026-06-02T07:00:00Z",
            ])
        let days = [
            try CalendarEvent("d", "2026-06-01/2026-06-02", "RRULE:FREQ=DAILY;COUNT=2"),
            try CalendarEvent("2026-06-02T07:00:00Z/2026-06-02T08:00:00Z", of: "d", at: "2026-06-02"),
        ]
        #expect(try days.ids("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z") == ["d_20260601", "d_2026-06-02"])
    }

    @Test func `an exception without its master is an event of its own, and its hole is nothing`() throws {
        let events = [
            try CalendarEvent("2026-06-05T07:00:00Z/2026-06-05T08:00:00Z", of: "gone", at: "2026-06-02T07:00:00Z"),
            try CalendarEvent.hole(in: "gone", at: "2026-06-03T07:00:00Z"), CalendarEvent(id: "x", status: .cancelled),
        ]
        let found = try events.occurrences("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z").found
        #expect(found.map(\.id) == ["gone_2026-06-02T07:00:00Z"])
        #expect(found.map(\.isRecurring) == [false])
        #expect(found[0].original != nil)
    }

    @Test func `an exception that says nothing of its time leaves the occurrence where it is`() throws {
        var exception = try CalendarEvent.hole(in: "m", at: "2026-06-01T07:00:00Z")
        exception.status = .confirmed
        let master = try CalendarEvent("m", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", "RRULE:FREQ=DAILY;COUNT=1")
        #expect(
            try [master, exception].ids("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z") == ["m_20260601T070000Z"])
    }

    @Test(arguments: [
        ("2026-06-01T08:00:00Z/2026-06-01T10:00:00Z", true), ("2026-06-01T08:00:00Z/2026-06-01T09:00:00Z", false),
        ("2026-06-01T10:00:00Z/2026-06-01T11:00:00Z", false), ("2026-06-01T09:59:59Z/2026-06-01T11:00:00Z", true),
        ("2026-05-01T08:00:00Z/2026-07-01T10:00:00Z", true), ("2026-06-01T09:00:00Z/2026-06-01T09:00:00Z", true),
        ("2026-06-01T10:00:00Z/2026-06-01T10:00:00Z", false), ("2026-06-01T09:30:00Z/2026-06-01T08:00:00Z", true),
        ("2026-06-01/2026-06-02", true), ("2026-06-02/2026-06-03", false), ("2026-05-31/2026-06-01", false),
        ("2026-06-01/2026-06-01", true), ("2026-06-01/2026-05-01", true),
    ])
    func `an event is in a range that it has a part of, or starts in`(times: String, isIn: Bool) throws {
        for lines in [[], ["RRULE:FREQ=YEARLY"]] {
            var event = try CalendarEvent("e", times)
            event.recurrence = lines
            let found = try [event].occurrences("2026-06-01T09:00:00Z", "2026-06-01T10:00:00Z").found
            #expect(found.count == (isIn ? 1 : 0))
            #expect(found.allSatisfy { $0.isRecurring == !lines.isEmpty })
        }
    }

    @Test func `an end that is missing is a day after a day, and at once after a time`() throws {
        let events = [
            CalendarEvent(id: "d", start: try moment("2026-06-01")),
            CalendarEvent(id: "t", start: try moment("2026-06-01T09:00:00Z", zone: "Europe/Berlin")),
            CalendarEvent(id: "none"),
        ]
        let found = try events.occurrences("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z").found
        #expect(
            found.map(\.end) == [try moment("2026-06-02"), try moment("2026-06-01T09:00:00Z", zone: "Europe/Berlin")])
    }

    @Test func `a series with a broken rule occurs at its start only, unless that is a hole`() throws {
        let master = try CalendarEvent(
            "m", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", "RRULE:FREQ=SOMETIMES", "RDATE:20260605T070000Z")
        #expect(try [master].ids("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z") == ["m_20260601T070000Z"])
        let hole = try CalendarEvent.hole(in: "m", at: "2026-06-01T07:00:00Z")
        #expect(try [hole, master].ids("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z").isEmpty)
    }

    @Test func `two hours that begin before clocks are set end two hours later`() throws {
        let master = try CalendarEvent(
            "m", "2026-10-24T01:00:00+02:00/2026-10-24T03:00:00+02:00", zone: "Europe/Berlin",
            "RRULE:FREQ=DAILY;COUNT=2")
        let found = try [master].occurrences("2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z").found
        #expect(found.map(\.end) == [try moment("2026-10-25T01:00:00Z", zone: "Europe/Berlin")])
    }

    @Test func `a start that the clock shows for the second time stays where it is`() throws {
        let master = try CalendarEvent(
            "m", "2026-10-25T02:30:00+01:00/2026-10-25T03:00:00+01:00", zone: "Europe/Berlin",
            "RRULE:FREQ=DAILY;COUNT=2")
        #expect(
            try [master].ids("2026-10-25T01:00:00Z", "2026-11-01T00:00:00Z") == [
                "m_20261025T013000Z", "m_20261026T013000Z",
            ])
        #expect(try [master].ids("2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z").isEmpty)
    }

    @Test func `what starts at once is in the order of its ids`() throws {
        let events = try ["b", "c", "a"].map { try CalendarEvent($0, "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z") }
        let found = try events.occurrences("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z", atMost: 2)
        #expect(found.found.map(\.id) == ["a", "b"])
        #expect(!found.isComplete)
        #expect(try events.occurrences("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z", atMost: 3).isComplete)
    }

    @Test func `a limit is kept, and said to be reached`() throws {
        let daily = try CalendarEvent("m", "2020-06-01T07:00:00Z/2020-06-01T08:00:00Z", "RRULE:FREQ=DAILY")
        let found = try [daily].occurrences("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", atMost: 364)
        #expect(found.found.count == 364 && !found.isComplete)
        let all = try [daily].occurrences("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", atMost: 365)
        #expect(all.found.count == 365 && all.isComplete)
        let none = try [daily].occurrences("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", atMost: 0)
        #expect(none.found.isEmpty && !none.isComplete)
        let empty = try [daily].occurrences("2019-01-01T00:00:00Z", "2020-01-01T00:00:00Z", atMost: 0)
        #expect(empty.found.isEmpty && empty.isComplete)
    }

    @Test func `a series that is too costly to follow is said to be, and the others are there`() throws {
        let costly = try CalendarEvent(
            "m", "2020-06-01T07:00:00Z/2020-06-01T08:00:00Z", "RRULE:FREQ=SECONDLY;COUNT=99999999")
        let single = try CalendarEvent("s", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z")
        let found = try [costly, single].occurrences("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
        #expect(found.found.map(\.id) == ["s"])
        #expect(!found.isComplete)
    }

    @Test(.timeLimit(.minutes(1))) func `many that are too costly do not take many times as long`() throws {
        let costly = try (0..<2_000).map {
            try CalendarEvent(
                "m\($0)", "2020-06-01T07:00:00Z/2020-06-01T08:00:00Z", "RRULE:FREQ=SECONDLY;COUNT=99999999")
        }
        let found = try costly.occurrences("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
        #expect(found.found.isEmpty && !found.isComplete)
    }

    @Test func `the ends of time are no trouble`() throws {
        let events = [
            try CalendarEvent("far", "9999-12-30/9999-12-31"), try CalendarEvent("early", "0001-01-01/0001-01-02"),
            try CalendarEvent("late", "9998-12-31T00:00:00Z/9999-12-31T00:00:00Z"),
            try CalendarEvent("m", "2026-06-01T07:00:00Z/9999-06-01T08:00:00Z", "RRULE:FREQ=YEARLY"),
        ]
        let expansion = CalendarExpansion(events: events, calendarZone: try zone("Europe/Berlin"))
        for name in ["Pacific/Kiritimati", "America/Los_Angeles"] {
            let found = expansion.occurrences(
                in: Date.distantPast..<Date.distantFuture, zone: try zone(name), atMost: 100)
            #expect(found.found.count == 100)
            for event in events { _ = event.span(calendarZone: .utc) }
        }
        let ids = try events.ids("2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z")
        #expect(ids.isEmpty)
    }
}
