internal import Domain
internal import HTTPTransport
package import Logging
internal import Metrics
import ServiceLifecycle

/// Sends ended spans to an OpenTelemetry collector, in batches, as OTLP over HTTP in JSON.
///
/// Its failures reach nobody: a span that cannot be sent is dropped and counted in `errand_spans_dropped_total`, by
/// reason. Put it before the services that make spans: a service group stops it last.
package final class SpanExporter: Service {
    /// Why spans did not arrive.
    private enum Loss: String {
        /// More ended than could be sent.
        case full
        /// The collector was not there, or the program's time was over.
        case unreachable
        /// The collector did not want them.
        case refused
    }

    private static let maxTries = 4
    private static let answerLimitBytes = 64 * 1024

    /// Spans made with it go through this exporter.
    package let tracer: Tracer
    private let configuration: TracingConfiguration
    private let queue: SpanQueue
    private let transport: HTTPTransport
    private let logger: Logger

    /// Opens nothing; the first batch does.
    package init(configuration: TracingConfiguration, logger: Logger) {
        queue = SpanQueue(limit: configuration.maxQueuedSpans, batch: configuration.maxBatchSpans)
        tracer = Tracer(queue: queue, sampler: configuration.sampler)
        // The collector's address is the operator's choice, and usually a private one.
        transport = HTTPTransport(
            configuration: HTTPTransportConfiguration(maxConnections: 1, maxConnectionsPerHost: 1, egress: .any),
            logger: logger)
        self.configuration = configuration
        self.logger = logger
    }

    /// Returns when the spans ended before a graceful shutdown are sent or `flush` is over, or after cancellation.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask { [self] in
                    await wakeRegularly()
                    return false
                }
                group.addTask { [self] in
                    for await _ in queue.wakes { await sendAll() }
                    await sendAll()
                    return true
                }
                group.addTask { [configuration] in
                    try? await gracefulShutdown()
                    try? await Task.sleep(for: configuration.flush)
                    return true
                }
                while let isOver = await group.next(), !isOver {}
                group.cancelAll()
            }
        } onGracefulShutdown: { [queue] in
            queue.finish()
        }
        giveUp()
    }

    /// What is left when the time is over.
    private func giveUp() {
        while true {
            let (spans, dropped) = queue.takeBatch()
            count(dropped, lostTo: .full, "none")
            if spans.isEmpty { return }
            count(spans.count, lostTo: .unreachable, "none in time")
        }
    }

    private func wakeRegularly() async {
        while (try? await Task.sleep(for: configuration.delay)) != nil { queue.wake() }
    }

    private func sendAll() async {
        while true {
            let (spans, dropped) = queue.takeBatch()
            count(dropped, lostTo: .full, "none")
            if spans.isEmpty { return }
            await send(spans)
        }
    }

    /// Tries until the collector has decided, the tries are used up, or the task is cancelled.
    private func send(_ spans: [SpanRecord]) async {
        let body = OTLPWriter.request(spans, resource: configuration.resource)
        for attempt in 1...Self.maxTries {
            let (answer, why) = await post(body)
            switch answer {
            case .taken(let rejected):
                Counter(label: "errand_spans_exported_total").increment(by: spans.count - min(rejected, spans.count))
                return count(min(rejected, spans.count), lostTo: .refused, why)
            case .refused: return count(spans.count, lostTo: .refused, why)
            case .later(let seconds):
                guard attempt < Self.maxTries, await pause(after: attempt, atLeast: seconds ?? 0) else {
                    return count(spans.count, lostTo: .unreachable, why)
                }
            }
        }
    }

    /// - Returns: what the collector made of it, and in which words.
    private func post(_ body: [UInt8]) async -> (OTLPAnswer, why: String) {
        let time = configuration.timeout
        let request = HTTPRequest(
            method: "POST", url: configuration.url,
            headers: [("Content-Type", "application/json")] + configuration.headers, body: body,
            deadlines: HTTPDeadlines(connect: time, firstByte: time, silence: time, total: time),
            // A collector closes idle connections; a span that comes twice is one span by its id.
            isRepeatable: true)
        do {
            let response = try await transport.send(request)
            let body = try await response.body.collect(upTo: Self.answerLimitBytes)
            let retryAfter = response.headers["Retry-After"]
            return (OTLPAnswer(status: response.status, retryAfter: retryAfter, body: body), "\(response.status)")
        } catch {
            return (.later(seconds: nil), "\(error)")
        }
    }

    /// 1, 2, 4 seconds, give or take a half. False when the task is cancelled.
    private func pause(after attempt: Int, atLeast seconds: Int) async -> Bool {
        let backoff = Double(1 << (attempt - 1)) * Double.random(in: 0.5...1.5)
        return (try? await Task.sleep(for: .seconds(max(backoff, Double(min(seconds, 30)))))) != nil
    }

    private func count(_ spans: Int, lostTo loss: Loss, _ why: String) {
        guard spans > 0 else { return }
        Counter(label: "errand_spans_dropped_total", dimensions: [("reason", loss.rawValue)]).increment(by: spans)
        logger.warning(
            "spans dropped", metadata: ["count": "\(spans)", "reason": "\(loss.rawValue)", "answer": "\(why)"])
    }
}
