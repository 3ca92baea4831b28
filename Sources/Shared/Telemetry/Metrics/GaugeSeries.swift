internal import Metrics

/// A value that goes up and down: a swift-metrics Meter, or a Gauge (which that package makes as a recorder that does
/// not aggregate).
final class GaugeSeries: MeterHandler, RecorderHandler {
    private let current = AtomicDouble()

    var value: Double { current.value }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { current.update { _ in value } }
    func increment(by amount: Double) { current.update { $0 + amount } }
    func decrement(by amount: Double) { current.update { $0 - amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
}
