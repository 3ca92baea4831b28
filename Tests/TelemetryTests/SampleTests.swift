import Metrics
import Testing

@testable import Telemetry

@Suite struct SampleTests {
    @Test func `values are read at each scrape and leave nothing behind`() async {
        let registry = PrometheusRegistry(descriptions: ["errand_queue_depth": "Jobs that wait."])
        let scrapes = Scrapes()
        registry.collect {
            let scrape = await scrapes.next()
            return [Sample("errand_queue_depth", labels: [("queue", "q\(scrape)")], value: Double(scrape))]
                + [Sample("errand_done", .counter, value: Double(scrape) * 10)]
        }
        _ = await registry.render()
        #expect(
            await registry.lines(of: "errand_queue_depth") == [
                "# HELP errand_queue_depth Jobs that wait.", "# TYPE errand_queue_depth gauge",
                "errand_queue_depth{queue=\"q2\"} 2",
            ])
        #expect(
            await registry.lines(of: "errand_done_total").suffix(2) == [
                "# TYPE errand_done_total counter", "errand_done_total 30",
            ])
    }

    @Test func `samples that do not fit are left out and counted`() async {
        let registry = PrometheusRegistry(maxSeries: 4)
        registry.makeCounter(label: "a_total", dimensions: []).increment(by: 1)
        registry.collect {
            [
                Sample("a_total", .counter, value: 9), Sample("a_total", .counter, labels: [("x", "")], value: 9),
                Sample("b", value: 1), Sample("b", value: 2), Sample("b", .counter, value: 3),
                Sample("b_total", value: 4),
            ] + (0..<10).map { Sample("c", labels: [("i", "\($0)")], value: 1) }
        }
        let text = await registry.text()
        #expect(text.contains("\na_total 1\n") && text.contains("\nb 1\n"))
        #expect(await registry.lines(of: "c").count == 2 + 2)
    }

    @Test func `a source that throws or hangs costs only its own values`() async {
        let registry = PrometheusRegistry(patience: .milliseconds(200))
        registry.collect { [Sample("a", value: 1)] }
        registry.collect { throw CancellationError() }
        registry.collect {
            try await Task.sleep(for: .seconds(600))
            return [Sample("never", value: 1)]
        }
        #expect(await registry.value(of: "a") == "1")
        #expect(await registry.value(of: "errand_metrics_source_failures_total") == "4")
    }

    private actor Scrapes {
        private var count = 0

        func next() -> Int {
            count += 1
            return count
        }
    }
}
