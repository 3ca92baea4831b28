import Foundation
import Testing

@testable import Domain

@Suite struct ScheduleRuleTests {
    @Test(arguments: [
        ("every 90s", 90, "every 90s"), ("@every 5m", 300, "every 5m"), ("EVERY 36H", 129_600, "every 36h"),
        ("every  2d ", 172_800, "every 2d"), ("every 3600s", 3600, "every 1h"), ("every 1s", 1, "every 1s"),
        ("every 366d", 31_622_400, "every 366d"),
    ])
    func `an interval is a number and a unit`(text: String, seconds: Int, normal: String) throws {
        let rule = try ScheduleRule(text)
        #expect(rule == .every(seconds: seconds))
        #expect(rule.description == normal)
        #expect(try ScheduleRule(normal) == rule)
    }

    @Test(arguments: [
        "every", "every 0s", "every 5", "every s", "every 1.5h", "every -1s", "every 1h30m", "every 1 h", "every 367d",
        "every 99999999d", "every 99999999999999999999s", "every 5w", "every ١s",
    ])
    func `other intervals are refused`(text: String) throws {
        let refusal = try #require(throws: InvalidCron.self) { try ScheduleRule(text) }
        #expect(refusal.field == "every")
    }

    @Test func `anything else is a cron expression in a zone`() throws {
        let rule = try ScheduleRule("0 9 * * MON", zone: "Europe/Berlin")
        #expect(rule == .cron(try CronExpression("0 9 * * 1"), in: try ZoneOffsets.named("Europe/Berlin")))
        #expect(try rule != ScheduleRule("0 9 * * MON"))
        #expect(rule.description == "0 9 * * 1")
        #expect(rule.nextFiring(after: try utc("2025-07-01T00:00:00Z")) == (try utc("2025-07-07T07:00:00Z")))
        for text in ["every 5m", "@daily"] {
            let refusal = try #require(throws: InvalidCron.self) { try ScheduleRule(text, zone: "Mars/Olympus") }
            #expect(refusal.field == "time_zone")
        }
    }

    @Test func `an interval's ticks do not depend on who asks, or when`() throws {
        let rule = ScheduleRule.every(seconds: 90)
        #expect(rule.nextFiring(after: Date(timeIntervalSince1970: 0)) == Date(timeIntervalSince1970: 90))
        #expect(rule.nextFiring(after: Date(timeIntervalSince1970: 89.9)) == Date(timeIntervalSince1970: 90))
        #expect(rule.nextFiring(after: Date(timeIntervalSince1970: -0.5)) == Date(timeIntervalSince1970: 0))
        #expect(rule.nextFiring(after: Date(timeIntervalSince1970: 90)) == Date(timeIntervalSince1970: 180))
        #expect(rule.nextFiring(after: .distantFuture) == .distantFuture)
        #expect(
            ScheduleRule.every(seconds: 0).nextFiring(after: Date(timeIntervalSince1970: 5)).timeIntervalSince1970 == 6)
    }

    @Test func `missed ticks become one, the latest`() throws {
        let rule = try ScheduleRule("*/5 * * * *")
        let due = rule.due(lastFired: try utc("2025-01-01T10:00:00Z"), now: try utc("2025-01-01T10:17:30Z"))
        #expect(
            due
                == DueTick(
                    fire: try utc("2025-01-01T10:15:00Z"), missed: 2, next: try utc("2025-01-01T10:20:00Z")))
    }

    @Test func `a tick is due from its very instant on, once`() throws {
        let rule = try ScheduleRule("@hourly")
        let last = try utc("2025-01-01T10:00:00Z")
        let tick = try utc("2025-01-01T11:00:00Z")
        #expect(rule.due(lastFired: last, now: tick.addingTimeInterval(-0.001)) == nil)
        let due = rule.due(lastFired: last, now: tick)
        #expect(due == DueTick(fire: tick, missed: 0, next: try utc("2025-01-01T12:00:00Z")))
        #expect(rule.due(lastFired: tick, now: tick.addingTimeInterval(3599)) == nil)
    }

    @Test func `nothing is due before the first tick, without a last one, or when time went back`() throws {
        let rule = try ScheduleRule("@daily")
        let now = try utc("2025-01-02T00:00:00Z")
        #expect(rule.due(lastFired: nil, now: now) == nil)
        #expect(rule.due(lastFired: now, now: now) == nil)
        #expect(rule.due(lastFired: now.addingTimeInterval(86_400 * 3), now: now) == nil)
        #expect(rule.due(lastFired: now, now: Date(timeIntervalSince1970: .nan)) == nil)
        #expect(rule.due(lastFired: now, now: .distantFuture) == nil)
    }

    @Test func `ticks missed on a day with a clock change are counted once each`() throws {
        let rule = try ScheduleRule("30 2 * * *", zone: "Europe/Berlin")
        for (last, now) in [("2025-03-28", "2025-03-31T12:00:00Z"), ("2025-10-24", "2025-10-27T12:00:00Z")] {
            let due = try #require(rule.due(lastFired: try utc(last + "T12:00:00Z"), now: try utc(now)))
            #expect(due.missed == 2)
        }
    }

    @Test func `counting stops at its bound, and a century of missed seconds costs little`() throws {
        let now = try utc("2025-06-01T00:00:30Z")
        for text in ["* * * * *", "every 1s", "*/7 3-5 * * *"] {
            let rule = try ScheduleRule(text, zone: "Europe/Berlin")
            var due: DueTick?
            let took = ContinuousClock().measure { due = rule.due(lastFired: .distantPast, now: now) }
            let found = try #require(due)
            #expect(found.missed == ScheduleRule.maxCountedMisses)
            #expect(found.fire <= now && found.next > now)
            #expect(rule.nextFiring(after: found.fire) == found.next)
            // A million steps without optimisation would take longer, on any machine.
            #expect(took < .seconds(2))
        }
    }

    @Test func `what is due agrees with walking from tick to tick`() throws {
        var random = SeededRandom(seed: 8)
        let zones = ["Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]
        for round in 0..<300 {
            let expression = IntendedExpression.random(using: &random).description
            guard let rule = try? ScheduleRule(expression, zone: zones[round % zones.count]) else { continue }
            let last = Date(timeIntervalSince1970: Double.random(in: 1.45e9...1.75e9, using: &random))
            let now = last.addingTimeInterval(pow(10, Double.random(in: 0...6.5, using: &random)))
            var walked: [Date] = [rule.nextFiring(after: last)]
            while walked[walked.count - 1] <= now, walked.count < ScheduleRule.maxCountedMisses {
                walked.append(rule.nextFiring(after: walked[walked.count - 1]))
            }
            guard walked[walked.count - 1] > now else { continue }
            let due = rule.due(lastFired: last, now: now)
            #expect(due?.fire == walked.dropLast().last, "\(expression)")
            #expect(due?.missed == (walked.count < 2 ? nil : walked.count - 2), "\(expression)")
            #expect(due == nil || due?.next == walked.last, "\(expression)")
        }
    }
}
