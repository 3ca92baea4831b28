package import Metrics

extension PrometheusRegistry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions) : gauge(label, dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    package func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    private func counter(
        _ label: String, _ dimensions: [(String, String)]
    ) -> any CounterHandler & FloatingPointCounterHandler {
        switch series(.counter, label, dimensions) {
        case .success(.counter(let series)): series
        case .success: counter(of: .kind)
        case .failure(let refusal): counter(of: refusal)
        }
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> any MeterHandler & RecorderHandler {
        switch series(.gauge, label, dimensions) {
        case .success(.gauge(let series)): series
        case .success: counter(of: .kind)
        case .failure(let refusal): counter(of: refusal)
        }
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> any RecorderHandler & TimerHandler {
        switch series(.histogram, label, dimensions) {
        case .success(.histogram(let series)): series
        case .success: counter(of: .kind)
        case .failure(let refusal): counter(of: refusal)
        }
    }
}
