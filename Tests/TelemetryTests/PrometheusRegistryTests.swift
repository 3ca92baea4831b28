import Metrics
import Testing

@testable import Telemetry

@Suite struct PrometheusRegistryTests {
    let registry = PrometheusRegistry(descriptions: ["errand_attempts_total": "Attempts that ended."])

    @Test func `a counter prints with its help and its labels`() async {
        for _ in 0..<3 { count("errand_attempts_total", [("queue", "chat"), ("kind", "noop")]) }
        count("errand_attempts_total", [("queue", "default"), ("kind", "noop")], by: 4)
        #expect(
            await registry.lines(of: "errand_attempts_total") == [
                "# HELP errand_attempts_total Attempts that ended.",
                "# TYPE errand_attempts_total counter",
                "errand_attempts_total{kind=\"noop\",queue=\"chat\"} 3",
                "errand_attempts_total{kind=\"noop\",queue=\"default\"} 4",
            ])
    }

    @Test func `the order in which a caller names the dimensions makes no second series`() async {
        count("a_total", [("x", "1"), ("y", "2")])
        count("a_total", [("y", "2"), ("x", "1")])
        #expect(await registry.value(of: "a_total{x=\"1\",y=\"2\"}") == "2")
        #expect(await registry.lines(of: "a_total").count == 3)
    }

    @Test func `a metric nobody described still has a sentence`() async {
        count("a_total", [])
        #expect(await registry.lines(of: "a_total")[0] == "# HELP a_total This metric has no description yet.")
    }

    @Test func `names are made valid, and two spellings are one series`() async {
        count("http.server requestCount", [("Content-Type", "x")])
        count("http_server_request_count_total", [("content_type", "x")])
        #expect(await registry.value(of: "http_server_request_count_total{content_type=\"x\"}") == "2")
    }

    @Test(arguments: [
        ("a.b", MetricKind.counter, "a_b_total"), ("a_total", .counter, "a_total"), ("a_total", .gauge, "a"),
        ("9a", .gauge, "_9a"), ("", .gauge, "_"), ("ü", .gauge, "__"), ("a:b", .gauge, "a_b"),
        ("queue_count", .gauge, "queue_count_value"), ("x_sum", .histogram, "x_sum_value"),
        ("_total", .gauge, "_value"),
        ("aBC9D", .counter, "a_bc9d_total"),
    ])
    func `metric names`(label: String, kind: MetricKind, name: String) {
        #expect(MetricName.metric(label, kind) == name)
    }

    @Test(arguments: [("le", "label_le"), ("__name__", "label_name__"), ("queueName", "queue_name"), ("0", "_0")])
    func `label names`(dimension: String, name: String) {
        #expect(MetricName.label(dimension) == name)
    }

    @Test func `label values and help texts are escaped`() async {
        let registry = PrometheusRegistry(descriptions: ["a_total": "One\\two\nthree \"four\"."])
        registry.makeCounter(label: "a_total", dimensions: [("q", "a\"b\\c\nd é")]).increment(by: 1)
        let lines = await registry.lines(of: "a_total")
        #expect(lines[0] == #"# HELP a_total One\\two\nthree "four"."#)
        #expect(lines[2] == #"a_total{q="a\"b\\c\nd é"} 1"#)
    }

    @Test func `meters and gauges print the last value, and go up and down`() async {
        let meter = Meter(label: "m", dimensions: [], factory: registry)
        meter.set(5)
        meter.increment(by: 1.5)
        meter.decrement(by: 4)
        Gauge(label: "g", dimensions: [], factory: registry).record(-7)
        #expect(await registry.lines(of: "m").suffix(2) == ["# TYPE m gauge", "m 2.5"])
        #expect(await registry.lines(of: "g").suffix(2) == ["# TYPE g gauge", "g -7"])
    }

    @Test func `fractions add up beside whole steps, and a counter never falls`() async {
        let counter = FloatingPointCounter(label: "cost_total", dimensions: [], factory: registry)
        counter.increment(by: 0.25)
        counter.increment(by: -3)
        counter.increment(by: Double.infinity)
        count("cost_total", [], by: 2)
        count("cost_total", [], by: -2)
        #expect(await registry.value(of: "cost_total") == "2.25")
    }

    @Test func `a timer prints seconds in cumulative buckets`() async {
        let timer = Timer(label: "wait_seconds", dimensions: [("queue", "chat")], factory: registry)
        timer.recordNanoseconds(1_000_000)
        timer.recordMilliseconds(1500)
        timer.recordSeconds(700)
        let lines = await registry.lines(of: "wait_seconds")
        #expect(lines[1] == "# TYPE wait_seconds histogram")
        #expect(lines[2] == "wait_seconds_bucket{queue=\"chat\",le=\"0.001\"} 1")
        #expect(lines.contains("wait_seconds_bucket{queue=\"chat\",le=\"1\"} 1"))
        #expect(lines.contains("wait_seconds_bucket{queue=\"chat\",le=\"2\"} 2"))
        #expect(lines.contains("wait_seconds_bucket{queue=\"chat\",le=\"600\"} 2"))
        #expect(
            lines.suffix(3) == [
                "wait_seconds_bucket{queue=\"chat\",le=\"+Inf\"} 3", "wait_seconds_sum{queue=\"chat\"} 701.501",
                "wait_seconds_count{queue=\"chat\"} 3",
            ])
    }

    @Test func `a recorder has the buckets of its description, and takes no NaN`() async {
        let registry = PrometheusRegistry(descriptions: ["tokens": MetricDescription("Tokens.", buckets: [1, 4, 16])])
        let recorder = Recorder(label: "tokens", dimensions: [], factory: registry)
        recorder.record(4)
        recorder.record(Double.nan)
        recorder.record(1e9)
        #expect(
            await registry.lines(of: "tokens").dropFirst(2) == [
                "tokens_bucket{le=\"1\"} 0", "tokens_bucket{le=\"4\"} 1", "tokens_bucket{le=\"16\"} 1",
                "tokens_bucket{le=\"+Inf\"} 2", "tokens_sum 1000000004", "tokens_count 2",
            ])
    }

    @Test(arguments: [
        (1.0, "1"), (-2.5, "-2.5"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"),
        (0.00001, "1e-05"), (9_007_199_254_740_992, "9007199254740992.0"),
    ])
    func `numbers are those of the format`(value: Double, text: String) {
        #expect(ExpositionWriter.text(value) == text)
    }

    @Test func `a name keeps its first kind and label names, and what does not fit is counted`() async {
        count("a", [("x", "1")])
        count("a", [("y", "1")])
        count("a", [])
        count("a", [("x", "1"), ("x", "2")])
        count("a", [("x", String(repeating: "v", count: 3_000))])
        registry.makeMeter(label: "a_total", dimensions: []).set(1.0)
        registry.makeRecorder(label: "a", dimensions: [], aggregate: true).record(1 as Int64)
        #expect(await registry.lines(of: "a_total").suffix(1) == ["a_total{x=\"1\"} 1"])
        #expect(await registry.dropped("labels") == "4")
        #expect(await registry.dropped("kind") == "1", "the gauge took the name a, so the histogram has none")
    }

    @Test func `series beyond the limit are dropped and counted, those within go on`() async {
        let registry = PrometheusRegistry(maxSeries: 3)
        for tenant in 0..<10 {
            Counter(label: "a_total", dimensions: [("tenant", "\(tenant)")], factory: registry).increment()
        }
        Counter(label: "a_total", dimensions: [("tenant", "2")], factory: registry).increment()
        #expect(await registry.lines(of: "a_total").count == 2 + 3)
        #expect(await registry.value(of: "a_total{tenant=\"2\"}") == "2")
        #expect(await registry.dropped("full") == "7")
    }

    @Test func `spellings of one series are bounded too`() async {
        let registry = PrometheusRegistry(maxSeries: 2)
        for label in ["a.b", "a-b", "a_b", "a.b"] {
            Counter(label: label, dimensions: [], factory: registry).increment()
        }
        #expect(await registry.value(of: "a_b_total") == "3")
        #expect(await registry.dropped("full") == "1")
    }

    @Test func `a destroyed metric is gone and makes room`() async {
        let registry = PrometheusRegistry(maxSeries: 2)
        let first = Counter(label: "a_total", dimensions: [("x", "1")], factory: registry)
        let second = Timer(label: "t_seconds", dimensions: [], factory: registry)
        first.destroy()
        second.destroy()
        #expect(await registry.lines(of: "a_total").isEmpty)
        #expect(await registry.lines(of: "t_seconds").isEmpty)
        Counter(label: "a_total", dimensions: [("y", "1")], factory: registry).increment()
        #expect(await registry.value(of: "a_total{y=\"1\"}") == "1")
        #expect(await registry.dropped("labels") == "0")
    }

    @Test func `counts from many tasks are all there`() async {
        let registry = registry
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<2_000 {
                        Counter(label: "a_total", dimensions: [("x", "\(index % 50)")], factory: registry).increment()
                        FloatingPointCounter(label: "f_total", dimensions: [], factory: registry).increment(by: 0.5)
                        if index % 500 == 0, task == 0 { _ = await registry.render() }
                    }
                }
            }
        }
        let total = await registry.lines(of: "a_total").dropFirst(2)
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        #expect(total == 16_000)
        #expect(await registry.value(of: "f_total") == "8000")
    }

    private func count(_ label: String, _ dimensions: [(String, String)], by amount: Int64 = 1) {
        registry.makeCounter(label: label, dimensions: dimensions).increment(by: amount)
    }
}
