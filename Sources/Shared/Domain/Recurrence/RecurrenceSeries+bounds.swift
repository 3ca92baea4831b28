extension RecurrenceSeries {
    /// The most that counting to COUNT may cost here: daily for 27 years, or monthly for as many.
    private static let maxSteps = 10_000

    /// Between which all occurrences start, on the event's own clock, but for a day on either side where the event has
    /// times: what names an instant is not looked up on that clock. `last` is `nil`: there is no last one, or it is not
    /// soon found. Exclusions are left out of account.
    func bounds() -> (first: Int, last: Int?) {
        let dates = [start] + lines.dates.map(seconds)
        var last = dates.max() ?? start
        for rule in lines.rules {
            guard let bound = bound(of: rule) else { return (dates.min() ?? start, nil) }
            last = max(last, bound)
        }
        return (dates.min() ?? start, last)
    }

    private func seconds(_ moment: RecurrenceMoment) -> Int {
        switch moment {
        case .day(let day): day.number * 86_400
        case .local(let local): local.seconds
        case .instant(let date): EpochSeconds.seconds(date) ?? EpochSeconds.end
        }
    }

    private func bound(of rule: RecurrenceRule) -> Int? {
        switch rule.until {
        case nil: rule.count.flatMap { _ in lastCounted(by: rule) }
        case .day(let day)?: day.number * 86_400 + 86_399
        case .some(let moment): seconds(moment)
        }
    }

    private func lastCounted(by rule: RecurrenceRule) -> Int? {
        var steps = StepBudget(Self.maxSteps)
        var walk = RecurrenceWalk(
            rule, start: start, isAllDay: isAllDay, span: start...EpochSeconds.end, countsStart: true)
        var last = start
        while let local = walk.next(&steps) { last = local }
        return steps.isExhausted ? nil : last
    }
}
