/// The instants of several rules and dates as one ascending row, without those that are excluded.
struct RecurrenceMerge {
    private var rules: [RecurrenceInstants]
    private var heads: [Int?]
    private var exclusions: [RecurrenceInstants]
    private var excluded: [Int?]
    /// Descending.
    private var dates: [Int]
    private let isExcluded: (Int) -> Bool
    private var latest: Int?

    /// - Parameter isExcluded: By a date, rather than by a rule.
    init(
        _ rules: [RecurrenceInstants], dates: [Int], exclusions: [RecurrenceInstants],
        isExcluded: @escaping (Int) -> Bool, steps: inout StepBudget
    ) {
        self.rules = rules
        self.exclusions = exclusions
        self.dates = dates.sorted(by: >)
        self.isExcluded = isExcluded
        heads = []
        excluded = []
        for index in rules.indices { heads.append(self.rules[index].next(&steps)) }
        for index in exclusions.indices { excluded.append(self.exclusions[index].next(&steps)) }
    }

    /// `nil`: there are no more, or the budget is spent.
    mutating func next(_ steps: inout StepBudget) -> Int? {
        while !steps.isExhausted, let instant = first {
            pass(instant, &steps)
            let isNew = latest != instant
            latest = instant
            guard isNew, !isExcluded(instant) else { continue }
            let isRuledOut = isExcludedByRule(instant, &steps)
            guard !steps.isExhausted || excluded.isEmpty else { return nil }
            if !isRuledOut { return instant }
        }
        return nil
    }

    private var first: Int? {
        var first = dates.last
        for case let head? in heads { first = min(first ?? head, head) }
        return first
    }

    private mutating func pass(_ instant: Int, _ steps: inout StepBudget) {
        if dates.last == instant { dates.removeLast() }
        for index in rules.indices where heads[index] == instant { heads[index] = rules[index].next(&steps) }
    }

    private mutating func isExcludedByRule(_ instant: Int, _ steps: inout StepBudget) -> Bool {
        var isFound = false
        for index in exclusions.indices {
            while let head = excluded[index], head < instant { excluded[index] = exclusions[index].next(&steps) }
            if excluded[index] == instant { isFound = true }
        }
        return isFound
    }
}
