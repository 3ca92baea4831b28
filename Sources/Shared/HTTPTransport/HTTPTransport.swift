package import Logging
import ServiceLifecycle

/// Outbound HTTP/1.1 and HTTPS over libcurl: one thread, any number of callers.
///
/// `send` works from the first call on, also before `run`. `run` ties the transport to a service group: at its end
/// every socket is closed.
package final class HTTPTransport: Service, Sendable {
    private let loop: TransferLoop

    /// Opens nothing; the thread starts with the first request.
    package init(configuration: HTTPTransportConfiguration, logger: Logger) {
        loop = TransferLoop(configuration: configuration, logger: logger)
    }

    /// Answers still being read outlive the transport: the thread ends with the last of them.
    deinit {
        loop.stop(within: nil)
    }

    /// Transfers under way, those included whose body is still arriving.
    package var activeTransfers: Int { loop.activeCount }

    /// Where it may connect to.
    package var egress: EgressPolicy { loop.configuration.egress }

    /// Returns after a graceful shutdown, when transfers under way have ended or their time is over, or after
    /// cancellation, which ends them at once. `send` then throws `closed`.
    package func run() async throws {
        try loop.start()
        // Throws only when the task is cancelled, and then there is no time to drain.
        let isGraceful = (try? await gracefulShutdown()) != nil
        loop.stop(within: isGraceful ? loop.configuration.drain : .zero)
        await withTaskCancellationHandler {
            await loop.waitUntilStopped()
        } onCancel: {
            loop.stop(within: .zero)
        }
    }

    /// Sends the request and returns as soon as the answer's headers are there; the body streams.
    ///
    /// Redirects are answers like any other. Throws `HTTPTransportError`. Cancelling the task closes the connection
    /// at once and throws `cancelled`.
    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try request.validate()
        let target = try HTTPTarget(url: request.url)
        if let reason = loop.configuration.egress.refusal(of: target) {
            throw HTTPTransportError.egressRefused(reason: reason, host: target.address.host)
        }
        let exchange = Exchange(request: request, target: target, start: .now)
        let lease = BodyLease(exchange, loop)
        try loop.submit(exchange)
        let head = try await withTaskCancellationHandler {
            try await exchange.head()
        } onCancel: {
            lease.cancel()
        }
        return HTTPResponse(status: head.status, headers: head.headers, body: HTTPBody(lease))
    }
}
