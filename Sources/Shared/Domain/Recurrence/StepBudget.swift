/// What a question may still cost.
struct StepBudget {
    private let most: Int
    private var left: Int
    private(set) var isExhausted = false

    init(_ steps: Int) {
        most = steps
        left = steps
    }

    var taken: Int { most - left }

    /// `false`: there is nothing left, now and from now on.
    mutating func spend() -> Bool {
        if left > 0 { left -= 1 } else { isExhausted = true }
        return !isExhausted
    }
}
