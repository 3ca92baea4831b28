/// The three things the metrics server knows.
enum ServerRoute: String, CaseIterable, Sendable {
    case metrics = "/metrics"
    case live = "/health/live"
    case ready = "/health/ready"
}
