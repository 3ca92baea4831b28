/// The occurrences of an event on a clock in a zone, in seconds since 1970-01-01 00:00 UTC. Days are midnights in UTC.
struct RecurrenceSeries: Sendable, Equatable {
    /// What the event's clock shows at its start.
    let start: Int
    let zone: ZoneOffsets
    let isAllDay: Bool
    let lines: RecurrenceLines

    /// - Parameter limit: The most occurrences to look for, `RecurrenceLimit.maxOccurrences` at most.
    func occurrences(in range: Range<Int>, atMost limit: Int) -> Occurrences<Int> {
        var steps = StepBudget(RecurrenceLimit.maxSteps)
        var merge = merge(in: range, &steps)
        var found = Occurrences<Int>(starts: [], limit: nil)
        while let instant = merge.next(&steps), instant < range.upperBound {
            guard instant >= range.lowerBound else { continue }
            guard found.starts.count < min(limit, RecurrenceLimit.maxOccurrences) else {
                found.limit = .occurrences
                return found
            }
            found.starts.append(instant)
        }
        if steps.isExhausted { found.limit = .steps }
        return found
    }

    func merge(in range: Range<Int>, _ steps: inout StepBudget) -> RecurrenceMerge {
        let dates = [zone.instant(ofLocal: start)] + lines.dates.compactMap(instant)
        let excluded = Set(lines.exclusions.compactMap(instant))
        let days = excludedDays
        return RecurrenceMerge(
            lines.rules.compactMap { instants($0, in: range, isExclusion: false) },
            dates: dates.filter(range.contains),
            exclusions: lines.exclusionRules.compactMap { instants($0, in: range, isExclusion: true) },
            isExcluded: { [zone] instant in
                if excluded.contains(instant) { return true }
                return !days.isEmpty && days.contains((instant + zone.secondsFromGMT(instant)).quotient(86_400))
            },
            steps: &steps)
    }

    /// `nil`: none of them can be in the range.
    private func instants(_ rule: RecurrenceRule, in range: Range<Int>, isExclusion: Bool) -> RecurrenceInstants? {
        var last = zone.local(before: range.upperBound)
        var until: Int?
        switch rule.until {
        case nil: break
        case .day(let day): last = min(last, day.number * 86_400 + 86_399)
        case .local(let local): last = min(last, local.seconds)
        case .instant(let date):
            until = EpochSeconds.seconds(date)
            if let until { last = min(last, zone.local(before: until + 1)) }
        }
        let first = zone.local(from: range.lowerBound)
        guard first <= last, start <= last else { return nil }
        let walk = RecurrenceWalk(
            rule, start: start, isAllDay: isAllDay, span: first...last, countsStart: !isExclusion)
        return RecurrenceInstants(walk, zone: zone, last: until)
    }

    /// `nil`: a day, for an event that has a time.
    private func instant(_ moment: RecurrenceMoment) -> Int? {
        switch moment {
        case .day(let day): isAllDay ? day.number * 86_400 : nil
        case .local(let local): zone.instant(ofLocal: local.seconds)
        case .instant(let date): EpochSeconds.seconds(date)
        }
    }

    /// EXDATE with days, on an event that has a time: the RFC knows no such thing, yet calendars write it.
    private var excludedDays: Set<Int> {
        guard !isAllDay else { return [] }
        return Set(
            lines.exclusions.compactMap { moment in
                if case .day(let day) = moment { day.number } else { nil }
            })
    }
}
