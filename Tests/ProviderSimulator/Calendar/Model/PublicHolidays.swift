import Domain
import Foundation

/// Germany's holidays of this year and the next: a calendar that everybody may read and nobody may change.
struct PublicHolidays {
    private var diary: Diary

    init(_ info: CalendarInfo) { diary = Diary(info, owner: .init(email: info.id, name: info.title, isSelf: true)) }

    consuming func contents() -> CalendarContents {
        let year = Int(diary.today.description.prefix(4)) ?? 2026
        for year in year...year + 1 {
            for (title, day) in Self.fixed { add(title, CalendarDay("\(year)-\(day)")) }
            let easter = Self.easter(year)
            for (title, days) in Self.movable { add(title, easter?.adding(days: days)) }
        }
        return diary.contents
    }

    private mutating func add(_ title: String, _ day: CalendarDay?) {
        guard let day else { return }
        diary.add(title, day, ["transparency": "transparent", "visibility": "public", "description": "Public holiday"])
    }

    private static let fixed = [
        ("New Year’s Day", "01-01"), ("Labour Day", "05-01"), ("German Unity Day", "10-03"), ("Christmas Day", "12-25"),
        ("Second Day of Christmas", "12-26"),
    ]
    private static let movable = [
        ("Good Friday", -2), ("Easter Monday", 1), ("Ascension Day", 39), ("Whit Monday", 50),
    ]

    /// Easter Sunday, by the anonymous Gregorian algorithm (Nature, 20 April 1876).
    private static func easter(_ year: Int) -> CalendarDay? {
        let (a, b, c) = (year % 19, year / 100, year % 100)
        let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30
        let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7
        let m = (a + 11 * h + 22 * l) / 451
        let (month, day) = ((h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1)
        return CalendarDay("\(year)-0\(month)-\(day < 10 ? "0" : "")\(day)")
    }
}
