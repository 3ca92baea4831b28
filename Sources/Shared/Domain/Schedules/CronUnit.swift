/// One of the five columns of a cron expression: what it counts, and how a value of it is written.
enum CronUnit: String, Sendable, CaseIterable {
    case minute, hour
    case dayOfMonth = "day_of_month"
    case month
    case dayOfWeek = "day_of_week"

    /// The values a `*` stands for. Sunday is 0.
    var values: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...6
        }
    }

    /// The values that may be written: Sunday is 7 as well.
    private var written: ClosedRange<Int> { self == .dayOfWeek ? 0...7 : values }

    /// From the lowest value upwards; empty where only numbers are written.
    private var names: [String] {
        switch self {
        case .minute, .hour, .dayOfMonth: []
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        }
    }

    /// The part of an item before its step: `*`, `a`, `a-b`. With a step, `a` alone reaches to the highest value, as
    /// robfig/cron reads it (Vixie cron knows no `a/n`).
    func range(_ text: Substring, isStepped: Bool) throws(InvalidCron) -> ClosedRange<Int> {
        if text == "*" { return values }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try value(ends[0])
        guard ends.count == 2 else { return isStepped ? first...max(first, values.upperBound) : first...first }
        var last = try value(ends[1])
        // FRI-SUN is what people write for 5-7.
        if self == .dayOfWeek, last == 0, first > 0 { last = 7 }
        guard first <= last else {
            throw invalid("A range runs upwards. Write one to the highest value and one from the lowest, with a comma.")
        }
        return first...last
    }

    func step(_ text: Substring) throws(InvalidCron) -> Int {
        guard let step = number(text), (1...values.count).contains(step) else {
            throw invalid("A step is a number from 1 to \(values.count). For longer intervals use \"every 90m\".")
        }
        return step
    }

    private func value(_ text: Substring) throws(InvalidCron) -> Int {
        if let number = number(text) {
            guard written.contains(number) else {
                throw invalid("Values are \(written.lowerBound) to \(written.upperBound).")
            }
            return number
        }
        if let index = names.firstIndex(of: text.uppercased()) { return values.lowerBound + index }
        throw invalid(advice(for: text.uppercased()))
    }

    /// `nil` for anything but digits. Too large a number is out of every range.
    private func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text) ?? .max
    }

    private func advice(for text: String) -> String {
        let isNamed = names.contains(String(text.prefix(3)))
        switch String(isNamed ? text.dropFirst(3) : text.drop { $0.isASCII && $0.isNumber }) {
        case "":
            return "Something is missing: a field is values, ranges a-b and steps */n, joined by commas."
        case "L", "LW":
            return "L (last) is not supported: use day_of_month 28-31 and let the job check for the last day."
        case "W":
            return "W (nearest weekday) is not supported: restrict day_of_week to 1-5 instead."
        case let rest where rest.hasPrefix("#"):
            return "# (n-th weekday) is not supported: name the weekday alone and let the job skip the other weeks."
        case "?":
            return "? is not supported: write * instead."
        case let rest where rest == "H" || rest.hasPrefix("H(") || rest.contains("~"):
            return "Random values are not supported: write a fixed number."
        default:
            break
        }
        if names.isEmpty { return "Write numbers from \(values.lowerBound) to \(values.upperBound)." }
        return "Write numbers, or three letters of the English names, \(names[0]) to \(names[names.count - 1])."
    }

    func invalid(_ message: String) -> InvalidCron { InvalidCron(field: rawValue, message: message) }
}
