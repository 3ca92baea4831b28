import Foundation
import Testing

@testable import Domain

/// The product's firings against those of a simulated daemon, minute by minute.
@Suite struct CronOracleTests {
    /// Zones and times in which clocks did something.
    static let clocks: [(String, String, String)] = [
        ("Europe/Berlin", "2023-01-01T00:00:00Z", "2026-01-10T00:00:00Z"),
        ("America/New_York", "2023-10-01T00:00:00Z", "2025-01-10T00:00:00Z"),
        // Summer time of half an hour.
        ("Australia/Lord_Howe", "2024-03-01T00:00:00Z", "2025-05-01T00:00:00Z"),
        // UTC+5:30 became UTC+5:45 at midnight.
        ("Asia/Kathmandu", "1985-10-01T00:00:00Z", "1986-10-01T00:00:00Z"),
        // Midnight did not exist on the first day of summer time.
        ("America/Sao_Paulo", "2016-09-01T00:00:00Z", "2018-03-01T00:00:00Z"),
        ("Africa/Cairo", "2023-03-01T00:00:00Z", "2024-06-01T00:00:00Z"),
        ("Asia/Beirut", "2023-01-01T00:00:00Z", "2024-02-01T00:00:00Z"),
        // A day did not exist.
        ("Pacific/Apia", "2011-03-01T00:00:00Z", "2012-06-01T00:00:00Z"),
        ("Pacific/Kwajalein", "1993-06-01T00:00:00Z", "1994-02-01T00:00:00Z"),
        // Three hours at once, and summer time of two hours.
        ("Antarctica/Casey", "2009-06-01T00:00:00Z", "2010-06-01T00:00:00Z"),
        ("Antarctica/Troll", "2023-01-01T00:00:00Z", "2024-02-01T00:00:00Z"),
    ]

    @Test(arguments: clocks)
    func `firings are those of a cron daemon that never sleeps`(name: String, first: String, last: String) throws {
        let clock = try WallClock(name, from: first, to: last)
        let zone = try ZoneOffsets.named(name)
        var random = SeededRandom(seed: UInt64(clock.start))
        var compared = 0
        var expressions = Self.fixedAndFollowing
        while expressions.count < 20 { expressions.append(.random(using: &random)) }
        for intended in expressions {
            guard let expression = try? CronExpression(intended.description) else {
                #expect(try clock.firings(of: intended).isEmpty, "\(intended) was refused, yet fires")
                continue
            }
            compared += try compare(expression, intended, on: clock, in: zone)
        }
        #expect(clock.landmarks.count >= 1)
        #expect(compared > 5000, "\(compared) are too few")
    }

    /// At the hours that clocks are set, and forms that differ in how they take it.
    private static let fixedAndFollowing: [IntendedExpression] = {
        func field(_ values: some Sequence<Int>, _ text: String) -> IntendedField {
            IntendedField(text: text, values: Set(values), isStarred: text.hasPrefix("*"))
        }
        let rest = [field(1...31, "*"), field(1...12, "*"), field(0...6, "*")]
        let daily = [0, 1, 2, 3, 4, 12, 23].map {
            IntendedExpression(fields: [field([30], "30"), field([$0], "\($0)")] + rest)
        }
        return daily + [
            IntendedExpression(fields: [field([0], "0"), field([0], "0")] + rest),
            IntendedExpression(fields: [field([0], "0"), field(0...23, "*")] + rest),
            IntendedExpression(fields: [field([0, 20, 40], "*/20"), field([0, 1, 2, 3], "0-3")] + rest),
            IntendedExpression(
                fields: [field([5], "5"), field(stride(from: 0, to: 24, by: 2), "*/2")] + rest),
        ]
    }()

    /// How many firings were compared: all, or of a dense expression those within a day of a landmark.
    private func compare(
        _ expression: CronExpression, _ intended: IntendedExpression, on clock: WallClock, in zone: ZoneOffsets
    ) throws -> Int {
        let oracle = try clock.firings(of: intended)
        let end = clock.instant(ofBlock: clock.blocks.count)
        var spans = [clock.start..<end]
        if oracle.count > 2000 {
            spans = clock.landmarks.map { clock.instant(ofBlock: $0) }.map {
                max($0 - 86_400, clock.start)..<min($0 + 86_400, end)
            }
        }
        var compared = 0
        for span in spans {
            let expected = oracle.filter(span.contains)
            var found: [Int] = []
            var tick = expression.nextFiring(after: span.lowerBound - 1, in: zone)
            while tick < span.upperBound, found.count <= expected.count {
                found.append(tick)
                tick = expression.nextFiring(after: tick, in: zone)
            }
            if let wrong = zip(found, expected).first(where: { $0 != $1 }) {
                Issue.record("\(clock.name), \(intended): fires at \(wrong.0), not \(wrong.1)")
            }
            #expect(found.count == expected.count, "\(clock.name), \(intended)")
            compared += expected.count
        }
        return compared
    }
}
