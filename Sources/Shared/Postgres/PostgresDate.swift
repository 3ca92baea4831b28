import FoundationEssentials

/// timestamptz is a count of microseconds since 2000-01-01 00:00 UTC; Int64's ends stand for ±infinity.
/// Source: https://www.postgresql.org/docs/15/datatype-datetime.html
enum PostgresDate {
    /// Seconds from 2000-01-01 to Foundation's reference date, 2001-01-01.
    private static let referenceSeconds: Int64 = 31_622_400
    /// 4713 BC to 294276 AD.
    private static let range: ClosedRange<Double> = -211_813_488_000.0...9_224_318_015_999.0

    /// Nil for a date that is no number.
    static func microseconds(_ date: Date) -> Int64? {
        let seconds = date.timeIntervalSinceReferenceDate
        guard !seconds.isNaN else { return nil }
        let sinceEpoch = seconds + Double(referenceSeconds)
        guard range.contains(sinceEpoch) else { return seconds < 0 ? .min : .max }
        let whole = seconds.rounded(.down)
        let fraction = ((seconds - whole) * 1_000_000).rounded()
        return (Int64(whole) + referenceSeconds) * 1_000_000 + Int64(fraction)
    }

    /// Nil for ±infinity, which no `Date` is.
    static func date(_ microseconds: Int64) -> Date? {
        guard microseconds != .min, microseconds != .max else { return nil }
        let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return Date(timeIntervalSinceReferenceDate: Double(seconds - referenceSeconds) + Double(rest) / 1_000_000)
    }
}
