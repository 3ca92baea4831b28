/// When something recurs, in the five fields of crontab(5): minute, hour, day of month, month, day of week.
///
/// - Fields are `*`, values, ranges `a-b`, steps `*/n` and `a-b/n`, joined by commas. `a/n` is `a` to the highest
///   value in steps of n, as robfig/cron reads it; Vixie cron has no such form.
/// - Months and weekdays may be named by three English letters, in any case, also in ranges. Sunday is 0 or 7.
/// - If both day fields are restricted, a day that satisfies either of them counts. A field written with `*`, also
///   `*/2`, is not restricted: then both must hold. Both rules are Vixie cron's.
/// - `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly` and `@annually` mean the first minute of each.
///
/// Equal expressions fire at the same times and have the same `description`.
package struct CronExpression: Sendable, Equatable, CustomStringConvertible {
    let minute: CronField
    let hour: CronField
    let dayOfMonth: CronField
    let month: CronField
    let dayOfWeek: CronField

    /// A list of all minutes takes 169 characters.
    private static let maxCharacters = 512

    /// - Throws: `InvalidCron`, when it is no such expression or one that never fires (30 February).
    package init(_ text: String) throws(InvalidCron) {
        let columns = try Self.columns(of: text)
        minute = try CronField(columns[0], unit: .minute)
        hour = try CronField(columns[1], unit: .hour)
        dayOfMonth = try CronField(columns[2], unit: .dayOfMonth)
        month = try CronField(columns[3], unit: .month)
        dayOfWeek = try CronField(columns[4], unit: .dayOfWeek)
        guard everFires else {
            throw CronUnit.dayOfMonth.invalid("No month of this expression has such a day, so it would never fire.")
        }
    }

    /// The normal form: numbers only, macros written out, one blank between fields.
    package var description: String {
        [minute, hour, dayOfMonth, month, dayOfWeek].map(\.description).joined(separator: " ")
    }

    /// Whether both day fields must hold, rather than either.
    var needsBothDays: Bool { dayOfMonth.isStarred || dayOfWeek.isStarred }

    /// Every weekday meets every date within 40 years, so only a date that no chosen month has is out of reach.
    private var everFires: Bool {
        guard needsBothDays else { return true }
        return (1...12).contains { candidate in
            guard month.contains(candidate), let day = dayOfMonth.first(atOrAfter: 1) else { return false }
            return day <= CivilMonth.length(of: candidate, isLeap: true)
        }
    }

    private static func columns(of text: String) throws(InvalidCron) -> [Substring] {
        guard text.utf8.count <= maxCharacters else {
            throw invalid("Write at most \(maxCharacters) characters.")
        }
        var columns = text.split { $0 == " " || $0 == "\t" }
        if let first = columns.first, first.hasPrefix("@") {
            columns = try expansion(of: first, hasMore: columns.count > 1).split(separator: " ")
        }
        guard columns.first?.contains("=") != true else {
            throw invalid("A zone is not part of the expression: give it as time_zone.")
        }
        guard columns.count == 5 else {
            throw invalid(
                "Write five fields: minute, hour, day of month, month, day of week. Seconds and years are not "
                    + "supported; for less than a minute use \"every 30s\".")
        }
        return columns
    }

    private static func expansion(of macro: Substring, hasMore: Bool) throws(InvalidCron) -> String {
        switch (macro.lowercased(), hasMore) {
        case ("@yearly", false), ("@annually", false): return "0 0 1 1 *"
        case ("@monthly", false): return "0 0 1 * *"
        case ("@weekly", false): return "0 0 * * 0"
        case ("@daily", false), ("@midnight", false): return "0 0 * * *"
        case ("@hourly", false): return "0 * * * *"
        case ("@reboot", _): throw invalid("@reboot is not supported: enqueue a job when the process starts.")
        case ("@every", _): throw invalid("An interval is no cron expression: write \"every 90s\" as the schedule.")
        default:
            throw invalid(
                "Write @hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually alone, or five fields.")
        }
    }

    private static func invalid(_ message: String) -> InvalidCron { InvalidCron(field: "expression", message: message) }
}
