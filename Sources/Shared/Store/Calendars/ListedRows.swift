import Domain
import FoundationEssentials
import Postgres

/// Calendars of a list as rows of `calendars`, column by column, cut to what these hold. Of several with one id the
/// last one counts; those that are deleted are left out, and so is one whose id cannot be stored.
struct ListedRows: Sendable {
    private let calendars: [ListedCalendar]

    var isEmpty: Bool { calendars.isEmpty }

    init(_ page: [ListedCalendar]) {
        var last: [String: Int] = [:]
        for (index, calendar) in page.enumerated() { last[calendar.id] = index }
        calendars = page.enumerated().compactMap { index, calendar in
            let isStorable =
                !calendar.id.isEmpty && calendar.id.unicodeScalars.count <= 1_000 && StoredText.accepts(calendar.id)
            return isStorable && last[calendar.id] == index && !calendar.isDeleted ? calendar : nil
        }
    }

    /// In the order of `Calendars.storeListed`'s parameters.
    var values: [PostgresValue] {
        [
            .uuids(calendars.map { _ in CalendarID.make().uuid }), .texts(calendars.map(\.id)),
            .texts(calendars.map { Self.cut($0.title, 1_000) }),
            .optionalTexts(calendars.map { $0.description.map { Self.cut($0, 8_200) } }),
            .optionalTexts(calendars.map { $0.timeZone.flatMap(Self.zone) }),
            .optionalTexts(calendars.map { $0.color.flatMap(Self.color) }), .texts(calendars.map(Self.role)),
            .bools(calendars.map(\.isPrimary)), .bools(calendars.map(\.isShown)),
        ]
    }

    private static func cut(_ text: String, _ limit: Int) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.lazy.filter { $0 != "\0" }.prefix(limit))
        return String(scalars)
    }

    private static func zone(_ name: String) -> String? {
        (1...64).contains(name.unicodeScalars.count) && StoredText.accepts(name) ? name : nil
    }

    private static func color(_ text: String) -> String? {
        let text = text.lowercased()
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6 else { return nil }
        return digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0) } ? text : nil
    }

    private static func role(_ calendar: ListedCalendar) -> String {
        let role = cut(calendar.accessRole, 40)
        return role.isEmpty ? "reader" : role
    }
}
