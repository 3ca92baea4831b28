/// The local times of one rule, one after the other.
struct RecurrenceWalk {
    private let pattern: RecurrencePattern
    private let periods: RecurrencePeriods
    private let start: Int
    private let span: ClosedRange<Int>
    private let countsStart: Bool
    private var left: Int?
    private var index = 0
    private var candidates = RecurrenceCandidates.none
    private var position = 0

    /// - Parameters:
    ///   - start: The event's. Nothing before it is an occurrence.
    ///   - span: The local times that are asked for. Without COUNT, nothing before them is looked at.
    ///   - countsStart: The start takes one of COUNT also where the rule does not make it ("The DTSTART property value
    ///     always counts as the first occurrence").
    init(_ rule: RecurrenceRule, start: Int, isAllDay: Bool, span: ClosedRange<Int>, countsStart: Bool) {
        pattern = RecurrencePattern(rule, start: start, isAllDay: isAllDay)
        periods = RecurrencePeriods(rule, start: start)
        self.start = start
        self.span = span
        self.countsStart = countsStart
        left = rule.count
        if left == nil { index = periods.index(atOrBefore: span.lowerBound) }
    }

    /// `nil`: there are no more in the span, or the budget is spent.
    mutating func next(_ steps: inout StepBudget) -> Int? {
        while position >= candidates.count {
            guard left ?? 1 > 0, load(&steps) else { return nil }
        }
        guard left ?? 1 > 0, steps.spend() else { return nil }
        let local = candidates[position]
        guard local <= span.upperBound else { return nil }
        position += 1
        left = left.map { $0 - 1 }
        return local
    }

    /// Looks at one more period. `false`: there is none in the span, or the budget is spent.
    private mutating func load(_ steps: inout StepBudget) -> Bool {
        let begin = periods.start(of: index)
        guard begin <= span.upperBound, steps.spend() else { return false }
        if pattern.frequency <= .daily, let later = pattern.admission(after: begin) {
            if index == 0 { countStart(isMade: false) }
            candidates = .none
            index = periods.index(atOrAfter: later)
            return true
        }
        guard let made = RecurrenceCandidates(of: pattern, start: begin, steps: &steps) else { return false }
        candidates = made
        let first = made.index(atOrAfter: start)
        if index == 0 { countStart(isMade: first < made.count && made[first] == start) }
        position = made.index(atOrAfter: max(start, span.lowerBound))
        left = left.map { $0 - (position - first) }
        index += 1
        return true
    }

    private mutating func countStart(isMade: Bool) {
        if countsStart, !isMade { left = left.map { $0 - 1 } }
    }
}
