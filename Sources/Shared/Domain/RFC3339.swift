package import FoundationEssentials

/// Times as RFC 3339 section 5.6 writes them, such as `2026-01-31T08:00:00.5+01:00`. Stricter than Foundation, which
/// reads a February 30 and ignores what follows the time.
package enum RFC3339 {
    /// `nil` for anything else, also for a time without an offset. A leap second is the first one of the next minute.
    package static func date(_ text: String) -> Date? {
        var text = Array(text.uppercased().utf8)[...]
        guard let year = number(&text, 4), skip(&text, "-"), let month = number(&text, 2), skip(&text, "-"),
            let day = number(&text, 2), skip(&text, "T"), let hour = number(&text, 2), skip(&text, ":"),
            let minute = number(&text, 2), skip(&text, ":"), let second = number(&text, 2),
            let fraction = fraction(&text), let offset = offset(&text), text.isEmpty,
            year >= 1, (1...12).contains(month), hour <= 23, minute <= 59, second <= 60
        else { return nil }
        let civil = CivilMonth(year: year, month: month)
        guard (1...civil.length).contains(day) else { return nil }
        let seconds = (civil.firstDay + day - 1) * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    private static func number(_ text: inout ArraySlice<UInt8>, _ count: Int) -> Int? {
        let digits = text.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        text = text.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    private static func skip(_ text: inout ArraySlice<UInt8>, _ character: Unicode.Scalar) -> Bool {
        guard text.first == UInt8(ascii: character) else { return false }
        text = text.dropFirst()
        return true
    }

    /// 0 without a point; at least one digit after it.
    private static func fraction(_ text: inout ArraySlice<UInt8>) -> Double? {
        guard skip(&text, ".") else { return 0 }
        let digits = text.prefix { (48...57).contains($0) }
        text = text.dropFirst(digits.count)
        return Double("0." + String(decoding: digits.prefix(9), as: UTF8.self)).flatMap { digits.isEmpty ? nil : $0 }
    }

    /// East of Greenwich, in seconds.
    private static func offset(_ text: inout ArraySlice<UInt8>) -> Int? {
        if skip(&text, "Z") { return 0 }
        let sign = text.first == UInt8(ascii: "-") ? -1 : 1
        guard skip(&text, "+") || skip(&text, "-"), let hours = number(&text, 2), skip(&text, ":"),
            let minutes = number(&text, 2), hours <= 23, minutes <= 59
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    /// In UTC, parts of a second left out, such as `2026-01-31T08:00:00Z`; what `date` reads. Instants outside the
    /// years 1 to 9999 are written as the first or the last one in them.
    package static func text(_ date: Date) -> String {
        let seconds = Int(inYears(date).timeIntervalSince1970.rounded(.down))
        return "\(LocalTime(seconds: seconds))Z"
    }

    /// The first or the last instant of the years 1 to 9999 where it is beyond them, which an offset or Foundation can
    /// bring about.
    static func inYears(_ date: Date) -> Date {
        Date(timeIntervalSince1970: min(max(date.timeIntervalSince1970, -62_135_596_800), 253_402_300_799))
    }
}
