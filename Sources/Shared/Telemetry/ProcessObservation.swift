import FoundationEssentials
package import Logging
import Metrics
package import ServiceLifecycle

/// What a process tells about itself: metrics and spans. Each is off unless it is asked for.
package struct ProcessObservation: Sendable {
    private let registry: PrometheusRegistry?
    private let exporter: SpanExporter?
    private let address: (host: String, port: UInt16)?
    private let logger: Logger

    /// Once a process, before the first metric is made.
    /// - Parameters:
    ///   - address: where its metrics can be had; port 0: any. `nil`: nowhere.
    ///   - service: the program's name.
    ///   - descriptions: of its metrics, but for those of this module.
    package init(
        address: (host: String, port: UInt16)?, service: String, descriptions: [String: MetricDescription],
        logger: Logger
    ) {
        self.address = address
        self.logger = logger
        registry = address.map { _ in PrometheusRegistry(descriptions: descriptions.merging(Self.own) { $1 }) }
        if let registry { MetricsSystem.bootstrap(registry) }
        let configuration = TracingConfiguration.read(ProcessInfo.processInfo.environment, service: service) {
            logger.warning("tracing", metadata: ["problem": "\($0)"])
        }
        exporter = configuration.map { SpanExporter(configuration: $0, logger: logger) }
    }

    private static let own = ErrorReporter.help.merging(SpanExporter.help) { $1 }.mapValues { MetricDescription($0) }

    package var tracer: Tracer { exporter?.tracer ?? .off }

    /// What has to run first, and so ends last.
    /// - Parameter sources: of values that are read when somebody asks for the metrics.
    package func services(
        sources: [PrometheusRegistry.Source], readiness: @escaping @Sendable () async -> MetricsServer.Readiness
    ) throws -> [any Service] {
        let exporters: [any Service] = exporter.map { [$0] } ?? []
        guard let registry, let address else { return exporters }
        for source in sources { registry.collect(source) }
        let server = try MetricsServer(
            host: address.host, port: address.port, registry: registry, logger: logger, readiness: readiness)
        return exporters + [server]
    }
}
