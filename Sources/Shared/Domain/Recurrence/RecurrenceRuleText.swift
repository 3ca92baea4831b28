/// A rule cut into its parts: upper case, each known and there once.
struct RecurrenceRuleText {
    private var values: [RecurrencePart: Substring] = [:]

    /// All 366 days of a year, counted from its end, take 1,800.
    private static let maxCharacters = 4096

    init(_ text: some StringProtocol) throws(InvalidRecurrence) {
        guard text.utf8.count <= Self.maxCharacters else {
            throw Self.invalid("Write at most \(Self.maxCharacters) characters.")
        }
        var text = text.uppercased()[...]
        if text.hasPrefix("RRULE:") { text = text.dropFirst("RRULE:".count) }
        for part in text.split(separator: ";", omittingEmptySubsequences: false) { try insert(part) }
    }

    private mutating func insert(_ text: Substring) throws(InvalidRecurrence) {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2 else {
            throw Self.invalid("Write parts as NAME=VALUE, with one semicolon between them.")
        }
        guard let part = RecurrencePart(rawValue: String(sides[0])) else {
            throw InvalidRecurrence(
                property: "RRULE", part: InvalidRecurrence.name(sides[0]),
                message: "There is no such part, or it is not supported.")
        }
        guard !sides[1].isEmpty else { throw part.invalid("Its value is missing.") }
        guard values.updateValue(sides[1], forKey: part) == nil else { throw part.invalid("Write it once.") }
    }

    func frequency() throws(InvalidRecurrence) -> RecurrenceFrequency {
        guard let text = values[.frequency] else { throw RecurrencePart.frequency.invalid("Every rule needs it.") }
        guard let frequency = RecurrenceFrequency.allCases.first(where: { $0.name == text }) else {
            let names = RecurrenceFrequency.allCases.map(\.name).joined(separator: ", ")
            throw RecurrencePart.frequency.invalid("Write one of \(names).")
        }
        return frequency
    }

    /// `nil`: the part is not there.
    func number(_ part: RecurrencePart) throws(InvalidRecurrence) -> Int? {
        guard let text = values[part] else { return nil }
        return try part.number(text)
    }

    /// Ascending, each once. `nil`: the part is not there.
    func numbers(_ part: RecurrencePart) throws(InvalidRecurrence) -> [Int]? {
        guard let text = values[part] else { return nil }
        var numbers = Set<Int>()
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            numbers.insert(try part.number(item))
        }
        return numbers.sorted()
    }

    func until() throws(InvalidRecurrence) -> RecurrenceMoment? {
        guard let text = values[.until] else { return nil }
        guard let moment = RecurrenceMoment(text) else {
            throw RecurrencePart.until.invalid("Write a day or time that exists: 20260131 or 20260131T080000Z.")
        }
        return moment
    }

    func weekStart() throws(InvalidRecurrence) -> Weekday? {
        guard let text = values[.weekStart] else { return nil }
        return try RecurrenceDay.weekday(text, of: .weekStart)
    }

    func days() throws(InvalidRecurrence) -> [RecurrenceDay] {
        guard let text = values[.days] else { return [] }
        var days: [RecurrenceDay] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let day = try RecurrenceDay(item)
            if !days.contains(day) { days.append(day) }
        }
        return days
    }

    private static func invalid(_ message: String) -> InvalidRecurrence {
        InvalidRecurrence(property: "RRULE", message: message)
    }
}
