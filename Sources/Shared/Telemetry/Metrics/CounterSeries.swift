internal import Metrics
internal import Synchronization

/// A total that only grows. Whole steps are one atomic addition; fractions are kept apart.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    private let whole = Atomic<Int64>(0)
    private let fraction = AtomicDouble()

    var value: Double { Double(whole.load(ordering: .relaxed)) + fraction.value }

    /// Steps below zero are not counted: a reader takes a falling total for a restart.
    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(amount, ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fraction.update { $0 + amount }
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fraction.update { _ in 0 }
    }
}
