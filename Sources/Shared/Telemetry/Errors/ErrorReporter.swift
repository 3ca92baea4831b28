internal import FoundationEssentials
internal import HTTPTransport
internal import Logging
internal import Metrics
import ServiceLifecycle
internal import Synchronization

/// Sends what is logged as an error to a place that people watch, in the form of Sentry.
///
/// Who logs never waits: reports beyond the bound are dropped and counted, and so are those that the other side does
/// not want now. A failure of it is counted, and said once; it is never an error itself, or it would report itself.
package final class ErrorReporter: Service {
    private enum Loss: String {
        case full, limited, refused, unreachable
    }

    private struct State {
        var waiting: [ErrorEvent] = []
        var hasComplained = false
    }

    package static let help: [String: String] = [
        "errand_error_reports_sent_total": "Error reports that were taken.",
        "errand_error_reports_dropped_total": "Error reports that did not arrive, by reason.",
    ]

    private static let maxWaiting = 100
    /// For those that wait when the process ends.
    private static let flush = Duration.seconds(2)

    private let destination: ErrorDestination
    private let service: String
    private let transport: HTTPTransport
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// - Parameter service: the program's name.
    init(destination: ErrorDestination, service: String) {
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.destination = destination
        self.service = service
        // The address is the operator's choice. Its own log would come back here.
        transport = HTTPTransport(
            configuration: HTTPTransportConfiguration(maxConnections: 1, maxConnectionsPerHost: 1, egress: .any),
            logger: Logger(label: "error-reports") { _ in SwiftLogNoOpLogHandler() })
    }

    func report(_ record: LogRecord, file: String, line: Int) {
        let isTaken = state.withLock { state in
            guard state.waiting.count < Self.maxWaiting else { return false }
            state.waiting.append(ErrorEvent(record, file: file, line: line))
            return true
        }
        if isTaken { waker.yield() } else { drop(.full) }
    }

    /// Returns when what waited at a graceful shutdown has been sent or its time is over, or after cancellation.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in
                    var allowance = ErrorAllowance()
                    for await _ in wakes { await sendAll(&allowance) }
                    await sendAll(&allowance)
                }
                group.addTask {
                    try? await gracefulShutdown()
                    try? await Task.sleep(for: Self.flush)
                }
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: { [waker] in
            waker.finish()
        }
    }

    private func sendAll(_ allowance: inout ErrorAllowance) async {
        while let event = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) {
            guard allowance.permits(at: Self.now) else {
                drop(.limited)
                continue
            }
            await send(event, &allowance)
        }
    }

    private static var now: Double { ProcessInfo.processInfo.systemUptime }

    private func send(_ event: ErrorEvent, _ allowance: inout ErrorAllowance) async {
        let time = Duration.seconds(5)
        let request = HTTPRequest(
            method: "POST", url: destination.url,
            headers: [
                ("Content-Type", "application/x-sentry-envelope"), ("X-Sentry-Auth", destination.authentication),
            ],
            body: event.envelope(
                destination, service: service,
                sentAt: Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
            deadlines: HTTPDeadlines(connect: time, firstByte: time, silence: time, total: time), isRepeatable: true)
        do {
            let response = try await transport.send(request)
            _ = try await response.body.collect(upTo: 65_536)
            let headers = response.headers
            allowance.note(
                status: response.status, retryAfter: headers["Retry-After"], limits: headers["X-Sentry-Rate-Limits"],
                at: Self.now)
            switch response.status {
            case 200..<300: Counter(label: "errand_error_reports_sent_total").increment()
            case 429: drop(.limited)
            default: complain("\(response.status)", .refused)
            }
        } catch {
            complain("\(error)", .unreachable)
        }
    }

    private func drop(_ loss: Loss) {
        Counter(label: "errand_error_reports_dropped_total", dimensions: [("reason", loss.rawValue)]).increment()
    }

    private func complain(_ answer: String, _ loss: Loss) {
        drop(loss)
        let isNews = state.withLock { state in
            defer { state.hasComplained = true }
            return !state.hasComplained
        }
        guard isNews else { return }
        Logger(label: service).warning(
            "error reports do not arrive", metadata: ["answer": "\(answer)", "reason": "\(loss.rawValue)"])
    }
}
