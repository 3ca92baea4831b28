import FoundationEssentials

/// Dates as whole seconds since 1970-01-01 00:00 UTC, within the years 1 to 4000: ticks fall on whole seconds.
enum EpochSeconds {
    static let start = Int(Date.distantPast.timeIntervalSince1970)
    static let end = Int(Date.distantFuture.timeIntervalSince1970)

    /// Rounded down, and raised to the first instant of all. `nil`: at the end of time or after it, or not a number.
    static func seconds(_ date: Date) -> Int? {
        let seconds = date.timeIntervalSince1970
        guard seconds < Double(end) else { return nil }
        return Int(max(seconds.rounded(.down), Double(start)))
    }

    /// Into the years 1 to 4000.
    static func seconds(roundingUp date: Date) -> Int {
        Int(min(max(date.timeIntervalSince1970.rounded(.up), Double(start)), Double(end)))
    }

    static func date(_ seconds: Int) -> Date {
        seconds < end ? Date(timeIntervalSince1970: Double(seconds)) : .distantFuture
    }
}
