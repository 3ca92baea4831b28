internal import Metrics
internal import Synchronization

/// How often values fell into each bucket. A timer's values are seconds.
final class HistogramSeries: RecorderHandler, TimerHandler {
    struct Distribution {
        /// One for each bound and one for what is above the last; not cumulative.
        var counts: [UInt64]
        var sum = 0.0
    }

    let bounds: [Double]
    private let distribution: Mutex<Distribution>

    init(bounds: [Double]) {
        self.bounds = bounds
        distribution = Mutex(Distribution(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    var current: Distribution { distribution.withLock { $0 } }

    func record(_ value: Int64) { record(Double(value)) }

    /// What is not a number is not counted: it would spoil the sum for good.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        distribution.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
