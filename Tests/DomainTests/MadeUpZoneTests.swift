import Testing

@testable import Domain

/// Zones that no country has: clocks set at any second, by any number of seconds.
@Suite struct MadeUpZoneTests {
    private struct Setting {
        var at: Int
        var from: Int
        var to: Int

        var zone: ZoneOffsets {
            let setting = self
            return ZoneOffsets(name: "\(at)") { $0 < setting.at ? setting.from : setting.to }
        }

        static func random(using random: inout SeededRandom) -> Setting {
            let from = Int.random(in: -43_200...43_200, using: &random)
            // Half of them around the sizes at which the rules change.
            let sizes = [-10_801, -10_800, -3600, -1, 1, 1800, 10_799, 10_800, 10_801, 86_400]
            let size =
                Bool.random(using: &random)
                ? sizes[Int.random(in: 0..<sizes.count, using: &random)]
                : Int.random(in: -14_400...14_400, using: &random)
            return Setting(at: Int.random(in: 0..<4_000_000_000, using: &random), from: from, to: from + size)
        }
    }

    @Test func `firings are those of a clock watched every second`() throws {
        var random = SeededRandom(seed: 20)
        var compared = 0
        for _ in 0..<60 {
            let setting = Setting.random(using: &random)
            let span = setting.at - 6 * 3600..<setting.at + 8 * 3600
            let intended = busyExpression(using: &random)
            let expression = try CronExpression(intended.description)
            var found: [Int] = []
            var tick = expression.nextFiring(after: span.lowerBound, in: setting.zone)
            while tick < span.upperBound {
                found.append(tick)
                tick = expression.nextFiring(after: tick, in: setting.zone)
            }
            #expect(found == watched(intended, setting, span), "\(intended), \(setting)")
            compared += found.count
        }
        #expect(compared > 500)
    }

    /// Fires on each day, so that only minutes and hours have to be watched.
    private func busyExpression(using random: inout SeededRandom) -> IntendedExpression {
        var made = IntendedExpression.random(using: &random)
        for (index, range) in [(2, 1...31), (3, 1...12), (4, 0...6)] {
            made.fields[index] = IntendedField(text: "*", values: Set(range), isStarred: true)
        }
        if Bool.random(using: &random) {
            made.fields[1] = IntendedField(text: "0-22", values: Set(0...22), isStarred: false)
        }
        return made
    }

    /// The latest time that the clock has shown decides: what lies between it and the new time was skipped, what lies
    /// before it is repeated.
    private func watched(_ intended: IntendedExpression, _ setting: Setting, _ span: Range<Int>) -> [Int] {
        let minutes = intended.fields[0].table
        let hours = intended.fields[1].table
        func matches(_ wall: Int) -> Bool {
            let time = ((wall % 86_400) + 86_400) % 86_400
            return time % 60 == 0 && minutes[time / 60 % 60] && hours[time / 3600]
        }
        let limit = intended.isWildcard ? 0 : 3 * 3600
        var latest = span.lowerBound + setting.from
        var found: [Int] = []
        var instant = span.lowerBound + 1
        while instant < span.upperBound {
            let wall = instant + (instant < setting.at ? setting.from : setting.to)
            var candidates = wall...wall
            if wall > latest, wall - latest - 1 <= limit { candidates = latest + 1...wall }
            let isRepeated = wall <= latest && latest - wall < limit
            if !isRepeated {
                if candidates.contains(where: matches) { found.append(instant) }
                latest = wall
            }
            instant += 1
        }
        return found
    }

    @Test func `the next firing is the same from wherever one asks`() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<400 {
            let setting = Setting.random(using: &random)
            guard let expression = try? CronExpression(IntendedExpression.random(using: &random).description) else {
                continue
            }
            var start = setting.at - Int.random(in: 0...200_000, using: &random)
            for _ in 0..<6 {
                let tick = expression.nextFiring(after: start, in: setting.zone)
                #expect(tick > start)
                for _ in 0..<4 {
                    let between = Int.random(in: start..<tick, using: &random)
                    #expect(expression.nextFiring(after: between, in: setting.zone) == tick, "\(expression) \(setting)")
                }
                start = tick
            }
        }
    }
}
