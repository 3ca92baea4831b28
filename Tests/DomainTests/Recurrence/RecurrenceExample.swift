import Foundation
import Testing

@testable import Domain

/// An example of RFC 5545 section 3.8.5.3 (https://www.rfc-editor.org/rfc/rfc5545#section-3.8.5.3).
struct RecurrenceExample: Sendable, CustomTestStringConvertible {
    var title: String
    /// At nine in New York: `19970902`.
    var start: String
    /// Rules that mean the same.
    var rules: [String]
    /// As published: `1997 EDT Sep 2-30 Oct 1-25 EST Oct 26-31`.
    var published: String
    /// The RFC ends them with dots.
    var isOpen = false

    var testDescription: String { title }

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Instants in seconds since 1970.
    func instants() throws -> [Int] {
        var year = 0
        var hoursBehind = 0
        var month = 0
        var found: [Int] = []
        for word in published.split(separator: " ") {
            if let index = Self.monthNames.firstIndex(of: String(word)) {
                month = index + 1
            } else if word == "EDT" || word == "EST" {
                hoursBehind = word == "EDT" ? 4 : 5
            } else if word.count == 4, let number = Int(word) {
                year = number
            } else {
                for day in try Self.days(word) {
                    let date = try #require(CalendarDay(year: year, month: month, day: day), "\(published)")
                    found.append(date.number * 86_400 + (9 + hoursBehind) * 3600)
                }
            }
        }
        return found
    }

    /// `2,4` or `2-30`.
    private static func days(_ text: Substring) throws -> [Int] {
        try text.split(separator: ",").flatMap { item in
            let ends = try item.split(separator: "-").map { try #require(Int($0)) }
            return Array(ends[0]...ends[ends.count - 1])
        }
    }
}
