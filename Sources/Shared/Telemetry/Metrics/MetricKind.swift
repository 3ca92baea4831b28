/// The types of the text format that Errand uses.
enum MetricKind: UInt8, Sendable {
    case counter
    case gauge
    case histogram

    var text: StaticString {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
