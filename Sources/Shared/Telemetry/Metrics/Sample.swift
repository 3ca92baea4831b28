/// A value that is only known when somebody asks, such as the depth of a queue: see `PrometheusRegistry.collect`.
package struct Sample: Sendable {
    package enum Kind: Sendable {
        /// A total that only grows, read from where it is kept.
        case counter
        case gauge
    }

    package var name: String
    package var kind: Kind
    package var labels: [(String, String)]
    package var value: Double

    package init(_ name: String, _ kind: Kind = .gauge, labels: [(String, String)] = [], value: Double) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.value = value
    }
}
