extension SpanExporter {
    /// Its own metrics, by name, and what each says.
    package static let help: [String: String] = [
        "errand_spans_exported_total": "Spans the collector has taken.",
        "errand_spans_dropped_total": "Spans that did not reach the collector, by reason.",
    ]
}
