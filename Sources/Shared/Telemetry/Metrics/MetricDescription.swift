/// What a program tells about one of its metrics. A plain string is a help text.
package struct MetricDescription: Sendable, ExpressibleByStringLiteral {
    /// One sentence for the reader of a dashboard.
    package var help: String
    /// Upper bounds of a histogram's buckets, ascending and finite; the last one, infinity, is implied. Counters and
    /// gauges have no use for them.
    package var buckets: [Double]

    /// Seconds from a cache hit to the longest attempt, in steps of 1, 2 and 5.
    package static let secondsBuckets: [Double] = [
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600,
    ]

    package init(_ help: String, buckets: [Double] = MetricDescription.secondsBuckets) {
        precondition(buckets.allSatisfy(\.isFinite) && zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 })
        self.help = help
        self.buckets = buckets
    }

    package init(stringLiteral help: String) {
        self.init(help)
    }

    static let unknown = MetricDescription("This metric has no description yet.")
}
