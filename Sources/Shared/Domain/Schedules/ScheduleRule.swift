package import FoundationEssentials

/// When a schedule's ticks are. Ticks depend on the rule alone, so any number of schedulers compute the same ones.
package enum ScheduleRule: Sendable, Equatable, CustomStringConvertible {
    case cron(CronExpression, in: ZoneOffsets)
    /// At every multiple of so many seconds since 1970-01-01 00:00 UTC, whenever the schedule was made.
    case every(seconds: Int)

    /// A year and a day.
    package static let maxEverySeconds = 366 * 86_400

    /// `every 90s` (units s, m, h, d; also `@every 90s`), or a cron expression in the zone.
    /// - Parameter zone: An IANA name. An interval does not use it, yet a wrong one is refused.
    /// - Throws: `InvalidCron`.
    package init(_ text: String, zone: String = "UTC") throws(InvalidCron) {
        let zone = try ZoneOffsets.named(zone)
        let words = text.split { $0 == " " || $0 == "\t" }
        if let first = words.first?.lowercased(), first == "every" || first == "@every" {
            self = .every(seconds: try Self.interval(words.dropFirst()))
        } else {
            self = .cron(try CronExpression(text), in: zone)
        }
    }

    /// The normal form, which `init` reads. Without the zone.
    package var description: String {
        switch self {
        case .cron(let expression, _): return expression.description
        case .every(let seconds):
            for (unit, size) in [("d", 86_400), ("h", 3600), ("m", 60)] where seconds.isMultiple(of: size) {
                return "every \(seconds / size)\(unit)"
            }
            return "every \(seconds)s"
        }
    }

    /// The first tick strictly after an instant. `Date.distantFuture` (the year 4001) when there is none before it.
    package func nextFiring(after date: Date) -> Date {
        guard let after = EpochSeconds.seconds(date) else { return .distantFuture }
        return EpochSeconds.date(nextFiring(after: after))
    }

    /// Instants in seconds since 1970-01-01 00:00 UTC. `Int.max`, or another beyond the end, when there is none.
    func nextFiring(after: Int) -> Int {
        switch self {
        case .cron(let expression, let zone): expression.nextFiring(after: after, in: zone)
        // A case may be built without `init`'s check.
        case .every(let seconds): (after.quotient(max(seconds, 1)) + 1) * max(seconds, 1)
        }
    }

    private static func interval(_ words: ArraySlice<Substring>) throws(InvalidCron) -> Int {
        let sizes: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard words.count == 1, let word = words.first, let unit = word.lowercased().last, let size = sizes[unit],
            (2...9).contains(word.utf8.count), word.dropLast().utf8.allSatisfy({ (48...57).contains($0) }),
            let count = Int(word.dropLast()), (1...maxEverySeconds).contains(count * size)
        else {
            throw InvalidCron(
                field: "every", message: "Write one number and one unit of s, m, h, d; from 1s to 366d, such as 90m.")
        }
        return count * size
    }
}
