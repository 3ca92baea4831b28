import HTTPTransport
import Logging
import Testing

func makeTransport(
    maxConnections: Int = 1024, maxConnectionsPerHost: Int = 1024, egress: EgressPolicy = .any,
    caBundle: String? = nil, proxy: String? = nil, drain: Duration = .seconds(5)
) -> HTTPTransport {
    HTTPTransport(
        configuration: HTTPTransportConfiguration(
            maxConnections: maxConnections, maxConnectionsPerHost: maxConnectionsPerHost, egress: egress,
            caBundle: caBundle, proxy: proxy, drain: drain),
        logger: Logger(label: "test"))
}

/// The transport error that `body` throws; anything else fails the test.
func transportError(_ body: () async throws -> Void) async throws -> HTTPTransportError {
    do {
        try await body()
    } catch let error as HTTPTransportError {
        return error
    }
    Issue.record("nothing was thrown")
    throw CancellationError()
}

extension HTTPBody {
    func text(upTo limitBytes: Int = 1 << 20) async throws -> String {
        String(decoding: try await collect(upTo: limitBytes), as: UTF8.self)
    }
}

/// Looks until `condition` holds; the suite's time limit ends a wait in vain.
func untilTrue(_ condition: () async -> Bool) async {
    while await !condition() { await Task.yield() }
}
