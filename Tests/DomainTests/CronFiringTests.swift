import Foundation
import Testing

@testable import Domain

/// Known answers, most of them on days on which clocks are set.
@Suite struct CronFiringTests {
    private func firings(
        _ text: String, _ zone: String, after start: String, count: Int
    ) throws -> [String] {
        let expression = try CronExpression(text)
        let zone = try ZoneOffsets.named(zone)
        var date = try utc(start)
        return (0..<count).map { _ in
            date = expression.nextFiring(after: date, in: zone)
            return date.formatted(.iso8601)
        }
    }

    @Test func `a time that is skipped fires right after the gap`() throws {
        // Berlin goes from 02:00 to 03:00 at 01:00 UTC.
        #expect(
            try firings("30 2 * * *", "Europe/Berlin", after: "2025-03-29T00:00:00Z", count: 3)
                == ["2025-03-29T01:30:00Z", "2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"])
    }

    @Test func `several skipped times, and one at the gap's end, fire once`() throws {
        #expect(
            try firings("0,20,40 2,3 * * *", "Europe/Berlin", after: "2025-03-30T00:00:00Z", count: 3)
                == ["2025-03-30T01:00:00Z", "2025-03-30T01:20:00Z", "2025-03-30T01:40:00Z"])
    }

    @Test func `a time that is repeated fires in the first pass`() throws {
        // Berlin goes from 03:00 to 02:00 at 01:00 UTC.
        #expect(
            try firings("30 2 * * *", "Europe/Berlin", after: "2025-10-25T12:00:00Z", count: 2)
                == ["2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"])
        #expect(
            try firings("30 2 * * *", "Europe/Berlin", after: "2025-10-26T01:10:00Z", count: 1)
                == ["2025-10-27T01:30:00Z"])
    }

    @Test func `every hour and every few minutes follow real time through both`() throws {
        #expect(
            try firings("0 * * * *", "Europe/Berlin", after: "2025-03-30T00:00:00Z", count: 3)
                == ["2025-03-30T01:00:00Z", "2025-03-30T02:00:00Z", "2025-03-30T03:00:00Z"])
        #expect(
            try firings("*/30 * * * *", "Europe/Berlin", after: "2025-10-26T00:00:00Z", count: 4)
                == ["2025-10-26T00:30:00Z", "2025-10-26T01:00:00Z", "2025-10-26T01:30:00Z", "2025-10-26T02:00:00Z"])
    }

    @Test func `a wildcard within a skipped hour has nothing to follow`() throws {
        #expect(
            try firings("*/30 2 * * *", "Europe/Berlin", after: "2025-03-29T12:00:00Z", count: 1)
                == ["2025-03-31T00:00:00Z"])
        #expect(
            try firings("*/30 2 * * *", "Europe/Berlin", after: "2025-10-25T12:00:00Z", count: 5)
                == [
                    "2025-10-26T00:00:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:00:00Z", "2025-10-26T01:30:00Z",
                    "2025-10-27T01:00:00Z",
                ])
    }

    @Test func `a change of half an hour is a change`() throws {
        // Lord Howe goes from 02:00 to 02:30 at 15:30 UTC, and from 02:00 to 01:30 at 15:00 UTC.
        #expect(
            try firings("15 2 * * *", "Australia/Lord_Howe", after: "2025-10-04T00:00:00Z", count: 2)
                == ["2025-10-04T15:30:00Z", "2025-10-05T15:15:00Z"])
        #expect(
            try firings("45 1 * * *", "Australia/Lord_Howe", after: "2025-04-05T00:00:00Z", count: 2)
                == ["2025-04-05T14:45:00Z", "2025-04-06T15:15:00Z"])
    }

    @Test(arguments: [
        ("America/Sao_Paulo", "2017-10-14T12:00:00Z", "2017-10-15T03:00:00Z"),
        ("Africa/Cairo", "2023-04-27T12:00:00Z", "2023-04-27T22:00:00Z"),
        ("Asia/Beirut", "2022-03-26T12:00:00Z", "2022-03-26T22:00:00Z"),
    ])
    func `a midnight that does not exist is made up for`(zone: String, start: String, expected: String) throws {
        #expect(try firings("0 0 * * *", zone, after: start, count: 1) == [expected])
        #expect(try firings("@hourly", zone, after: start, count: 15).contains(expected))
    }

    @Test func `a day that a zone left out is not made up for`() throws {
        // Samoa had 29 December 2011 (until 10:00 UTC on the 30th), then the 31st.
        #expect(
            try firings("0 9 * * *", "Pacific/Apia", after: "2011-12-29T00:00:00Z", count: 3)
                == ["2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z", "2011-12-31T19:00:00Z"])
        #expect(
            try firings("0 9 30 12 *", "Pacific/Apia", after: "2011-01-01T00:00:00Z", count: 1)
                == ["2012-12-29T19:00:00Z"])
        #expect(
            try firings("0 0 31 12 *", "Pacific/Apia", after: "2011-01-01T00:00:00Z", count: 1)
                == ["2011-12-30T10:00:00Z"])
    }

    @Test func `offsets of three quarters of an hour are kept`() throws {
        #expect(
            try firings("0 0 1 1 *", "Asia/Kathmandu", after: "2025-06-01T00:00:00Z", count: 1)
                == ["2025-12-31T18:15:00Z"])
    }

    @Test func `a firing is strictly later, also by a fraction of a second`() throws {
        let hourly = try CronExpression("@hourly")
        let tick = try utc("2025-01-01T10:00:00Z")
        #expect(hourly.nextFiring(after: tick, in: .utc) == tick.addingTimeInterval(3600))
        #expect(hourly.nextFiring(after: tick.addingTimeInterval(-0.001), in: .utc) == tick)
        #expect(hourly.nextFiring(after: tick.addingTimeInterval(0.001), in: .utc) == tick.addingTimeInterval(3600))
    }

    @Test func `the ends of time are no trap`() throws {
        let yearly = try CronExpression("@yearly")
        for date in [Date.distantFuture, Date(timeIntervalSince1970: .infinity), Date(timeIntervalSince1970: .nan)] {
            #expect(yearly.nextFiring(after: date, in: .utc) == .distantFuture)
        }
        let past = [Date.distantPast, Date(timeIntervalSince1970: -.infinity)]
            .map { yearly.nextFiring(after: $0, in: .utc).timeIntervalSince1970 }
        // 0001-01-01 of the Gregorian calendar.
        #expect(past == [-62_135_596_800, -62_135_596_800])
        let last = Date.distantFuture.addingTimeInterval(-1)
        #expect(yearly.nextFiring(after: last, in: .utc) == .distantFuture)
    }

    @Test func `unknown zones are refused`() throws {
        let names = ["Mars/Olympus", "", "PST", "GMT+3", "europe/berlin", "/etc/passwd", "../UTC", "Etc/Unknown"]
        for name in names + [String(repeating: "A/", count: 99)] {
            let refusal = try #require(throws: InvalidCron.self, "\(name)") { try ZoneOffsets.named(name) }
            #expect(refusal.field == "time_zone")
        }
        for name in ["UTC", "GMT", "Etc/UTC", "Europe/Kyiv", "US/Pacific", "America/Argentina/Ushuaia", "Etc/GMT+3"] {
            #expect(try ZoneOffsets.named(name).name == name)
        }
    }

    /// 29 February on a Sunday, which a starred weekday field can say: after 2088 there is none for 40 years.
    @Test func `the rarest expression is found in less than a millisecond`() throws {
        let rare = try CronExpression("0 0 29 2 */7")
        let start = try utc("2088-03-01T00:00:00Z")
        let leapDay = try utc("2128-02-29T00:00:00Z")
        for zone in ["UTC", "Europe/Berlin", "America/New_York"] {
            let zone = try ZoneOffsets.named(zone)
            var found = Date.distantPast
            // The shortest of several, for the machine has other work to do.
            let shortest =
                (0..<30).map { _ in
                    ContinuousClock().measure { found = rare.nextFiring(after: start, in: zone) }
                }.min() ?? .seconds(1)
            #expect(abs(found.timeIntervalSince(leapDay)) < 86_400)
            #expect(shortest < .milliseconds(1))
        }
    }
}
