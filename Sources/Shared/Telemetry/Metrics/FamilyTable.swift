/// Every series by metric name and labels: what the text format requires to be consistent is kept consistent here.
struct FamilyTable {
    enum Series {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)

        var object: AnyObject {
            switch self {
            case .counter(let series): series
            case .gauge(let series): series
            case .histogram(let series): series
            }
        }
    }

    /// All series of one name: one kind, one set of label names.
    struct Family {
        let kind: MetricKind
        let description: MetricDescription
        let labelNames: [String]
        /// In order of appearance, with the labels as they stand between the braces.
        fileprivate(set) var series: [(labels: [UInt8], series: Series)] = []
        fileprivate var positions: [[UInt8]: Int] = [:]

        fileprivate mutating func append(_ new: Series, labels: [UInt8]) {
            positions[labels] = series.count
            series.append((labels, new))
        }

        fileprivate mutating func remove(at position: Int) {
            series.remove(at: position)
            positions = Dictionary(uniqueKeysWithValues: series.enumerated().map { ($1.labels, $0) })
        }
    }

    /// UTF-8 bytes of one series' names and values together.
    static let labelLimitBytes = 2_048

    private(set) var families: [String: Family] = [:]
    private(set) var count = 0
    let descriptions: [String: MetricDescription]

    init(descriptions: [String: MetricDescription]) {
        self.descriptions = descriptions
    }

    /// The series for `key`, made when there is none yet.
    mutating func series(for key: SeriesKey, atMost limit: Int) throws(Refusal) -> (series: Series, isNew: Bool) {
        let labels = try Self.labels(key.dimensions)
        let name = MetricName.metric(key.label, key.kind)
        let labelNames = labels.map(\.name)
        var family =
            families.removeValue(forKey: name)
            ?? Family(kind: key.kind, description: description(of: key, name), labelNames: labelNames)
        defer { if !family.series.isEmpty { families[name] = family } }
        guard family.kind == key.kind else { throw .kind }
        guard family.labelNames == labelNames else { throw .labels }
        let text = ExpositionWriter.text(of: labels)
        if let position = family.positions[text] { return (family.series[position].series, false) }
        guard count < limit else { throw .full }
        let series = Self.make(family)
        family.append(series, labels: text)
        count += 1
        return (series, true)
    }

    mutating func remove(_ object: AnyObject) {
        for (name, family) in families {
            guard let position = family.series.firstIndex(where: { $0.series.object === object }) else { continue }
            families[name]?.remove(at: position)
            if families[name]?.series.isEmpty == true { families[name] = nil }
            count -= 1
            return
        }
    }

    /// Valid names in alphabetical order, so that the caller's order makes no second series.
    private static func labels(_ dimensions: [(String, String)]) throws(Refusal) -> [(name: String, value: String)] {
        let labels = dimensions.map { (name: MetricName.label($0.0), value: $0.1) }.sorted { $0.name < $1.name }
        let isUnique = zip(labels, labels.dropFirst()).allSatisfy { $0.name != $1.name }
        let bytes = labels.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        guard isUnique, bytes <= labelLimitBytes else { throw .labels }
        return labels
    }

    private func description(of key: SeriesKey, _ name: String) -> MetricDescription {
        descriptions[name] ?? descriptions[key.label] ?? .unknown
    }

    private static func make(_ family: Family) -> Series {
        switch family.kind {
        case .counter: .counter(CounterSeries())
        case .gauge: .gauge(GaugeSeries())
        case .histogram: .histogram(HistogramSeries(bounds: family.description.buckets))
        }
    }
}
