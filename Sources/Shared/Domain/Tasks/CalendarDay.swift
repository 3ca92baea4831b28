/// A day of the calendar without a time or a zone, as RFC 3339 writes it: `2026-01-31`.
package struct CalendarDay: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// `nil` for anything that is no day of the years 1 to 9999.
    package init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 == 45 || (48...57).contains($0) }),
            let year = Int(String(decoding: parts[0], as: UTF8.self)), year >= 1,
            let month = Int(String(decoding: parts[1], as: UTF8.self)), (1...12).contains(month),
            let day = Int(String(decoding: parts[2], as: UTF8.self)),
            (1...CivilMonth(year: year, month: month).length).contains(day)
        else { return nil }
        description = String(text)
    }
}
