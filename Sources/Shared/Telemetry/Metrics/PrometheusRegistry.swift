import Metrics
internal import Synchronization

/// Keeps what the process measures, and prints it for Prometheus.
///
/// Made for callers that name a metric at every event (`Counter(label: …, dimensions: …).increment()`): finding the
/// series again is one look-up. Counters print as counters, Meters and Gauges as gauges, Recorders and Timers as
/// histograms; a timer's unit is the second. Names are made valid, and counters end in `_total`.
///
/// A series that cannot be (too many, or a name used in two ways) is not printed; what it would have counted is
/// counted in `errand_metrics_dropped_total`, by reason.
package final class PrometheusRegistry: MetricsFactory {
    /// Reads values at the time of a scrape. Ends soon after its task is cancelled.
    package typealias Source = @Sendable () async throws -> [Sample]

    /// The Content-Type of `render`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct State {
        var known: [SeriesKey: FamilyTable.Series] = [:]
        var table: FamilyTable
        var sources: [Source] = []
    }

    private let state: Mutex<State>
    private let refused: [Refusal: RefusedSeries]
    private let failures = Atomic<Int>(0)
    private let maxSeries: Int
    private let patience: Duration

    /// - Parameters:
    ///   - descriptions: by metric name; either as code names it or as it is printed.
    ///   - maxSeries: bound on the series kept, and on those that one scrape adds.
    ///   - patience: how long a scrape waits for its sources together.
    package init(
        descriptions: [String: MetricDescription] = [:], maxSeries: Int = 10_000, patience: Duration = .seconds(4)
    ) {
        let own = Self.ownDescriptions.merging(descriptions) { _, given in given }
        state = Mutex(State(table: FamilyTable(descriptions: own)))
        refused = Dictionary(uniqueKeysWithValues: Refusal.allCases.map { ($0, RefusedSeries()) })
        self.maxSeries = maxSeries
        self.patience = patience
    }

    /// Adds values that are read at each scrape. A source that throws or takes too long leaves its values out and
    /// counts in `errand_metrics_source_failures_total`.
    package func collect(_ source: @escaping Source) {
        state.withLock { $0.sources.append(source) }
    }

    /// Everything, in the text format 0.0.4.
    package func render() async -> [UInt8] {
        let samples = await samples()
        var table = state.withLock { $0.table }
        let limit = table.count + maxSeries
        for sample in samples { place(sample, in: &table, atMost: limit) }
        for sample in ownSamples() { place(sample, in: &table, atMost: .max) }
        var writer = ExpositionWriter()
        writer.write(table)
        return writer.bytes
    }

    // MARK: finding series

    func series(
        _ kind: MetricKind, _ label: String, _ dimensions: [(String, String)]
    ) -> Result<FamilyTable.Series, Refusal> {
        let key = SeriesKey(kind: kind, label: label, dimensions: dimensions)
        return state.withLock { state in
            if let known = state.known[key] { return .success(known) }
            // Several spellings may name one series, so they are bounded too.
            guard state.known.count < maxSeries else { return .failure(.full) }
            do throws(Refusal) {
                let series = try state.table.series(for: key, atMost: maxSeries).series
                state.known[key] = series
                return .success(series)
            } catch {
                return .failure(error)
            }
        }
    }

    func counter(of refusal: Refusal) -> RefusedSeries {
        guard let counter = refused[refusal] else { preconditionFailure("every refusal has its counter") }
        return counter
    }

    func forget(_ handler: AnyObject) {
        state.withLock { state in
            state.known = state.known.filter { $0.value.object !== handler }
            state.table.remove(handler)
        }
    }

    // MARK: scraping

    private enum Answer: Sendable {
        case samples([Sample])
        case failed
        case timeUp
    }

    private func samples() async -> [Sample] {
        let sources = state.withLock { $0.sources }
        guard !sources.isEmpty else { return [] }
        return await withTaskGroup(of: Answer.self) { group in
            for source in sources {
                group.addTask { (try? await source()).map(Answer.samples) ?? .failed }
            }
            group.addTask { [patience] in
                try? await Task.sleep(for: patience)
                return .timeUp
            }
            return await collect(sources.count, from: &group)
        }
    }

    /// The answers of those who are in time; the others are counted.
    private func collect(_ count: Int, from group: inout TaskGroup<Answer>) async -> [Sample] {
        defer { group.cancelAll() }
        var samples: [Sample] = []
        var waiting = count
        while waiting > 0, let answer = await group.next() {
            switch answer {
            case .samples(let more): samples += more
            case .failed: failures.wrappingAdd(1, ordering: .relaxed)
            case .timeUp:
                failures.wrappingAdd(waiting, ordering: .relaxed)
                return samples
            }
            waiting -= 1
        }
        return samples
    }

    private func place(_ sample: Sample, in table: inout FamilyTable, atMost limit: Int) {
        let kind: MetricKind = sample.kind == .counter ? .counter : .gauge
        let key = SeriesKey(kind: kind, label: sample.name, dimensions: sample.labels)
        do throws(Refusal) {
            let (series, isNew) = try table.series(for: key, atMost: limit)
            guard isNew else { throw .duplicate }
            switch series {
            case .counter(let counter): counter.increment(by: sample.value)
            case .gauge(let gauge): gauge.set(sample.value)
            case .histogram: break
            }
        } catch {
            counter(of: error).drop()
        }
    }

    private static let ownDescriptions: [String: MetricDescription] = [
        "errand_metrics_dropped_total": "Measurements that no series could take, by reason.",
        "errand_metrics_source_failures_total": "Sources that threw or took too long at a scrape.",
        "errand_spans_exported_total": "Spans that the collector took.",
        "errand_spans_dropped_total": "Spans that did not reach the collector, by reason.",
    ]

    private func ownSamples() -> [Sample] {
        Refusal.allCases.map { refusal in
            Sample(
                "errand_metrics_dropped_total", .counter, labels: [("reason", refusal.rawValue)],
                value: Double(counter(of: refusal).count))
        } + [
            Sample(
                "errand_metrics_source_failures_total", .counter,
                value: Double(failures.load(ordering: .relaxed)))
        ]
    }
}
