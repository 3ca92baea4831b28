import Testing

@testable import Telemetry

extension PrometheusRegistry {
    func text() async -> String { String(decoding: await render(), as: UTF8.self) }

    /// The lines of one metric, without those about the registry itself.
    func lines(of name: String) async -> [String] {
        await text().split(separator: "\n").map(String.init).filter { line in
            ["# HELP \(name) ", "# TYPE \(name) ", "\(name) ", "\(name){", "\(name)_"].contains(where: line.hasPrefix)
        }
    }

    func value(of series: String) async -> String? {
        await text().split(separator: "\n").first { $0.hasPrefix(series + " ") }.map {
            String($0.dropFirst(series.count + 1))
        }
    }

    func dropped(_ reason: String) async -> String? {
        await value(of: "errand_metrics_dropped_total{reason=\"\(reason)\"}")
    }
}
