internal import Metrics
internal import Synchronization

/// Why there is no series for what a caller named.
enum Refusal: String, Error, CaseIterable {
    /// The registry holds as many series as it may.
    case full
    /// The name is in use for another kind of metric.
    case kind
    /// The name is in use with other label names, a label name comes twice, or the labels are too long.
    case labels
    /// The same series was there already: only for samples.
    case duplicate
}

/// Takes the place of a series that could not be, and counts what it swallows.
final class RefusedSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    private let dropped = Atomic<Int>(0)

    var count: Int { dropped.load(ordering: .relaxed) }

    func drop() { dropped.wrappingAdd(1, ordering: .relaxed) }

    func increment(by amount: Int64) { drop() }
    func increment(by amount: Double) { drop() }
    func decrement(by amount: Double) { drop() }
    func reset() {}
    func set(_ value: Int64) { drop() }
    func set(_ value: Double) { drop() }
    func record(_ value: Int64) { drop() }
    func record(_ value: Double) { drop() }
    func recordNanoseconds(_ duration: Int64) { drop() }
}
