import Domain
import FoundationEssentials
import Hummingbird
import Logging

/// What the gateway knows of one request.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Names the request in its answer, in problems and in the log.
    let requestID: String
    /// Set by `Authentication`; routes below it may rely on it.
    var tenant: TenantID?
    /// What the request's jobs carry on. Set by `ObservationMiddleware`.
    var trace: TraceContext?
    /// The request came with a service key, and acts for `TenantID.operators`. Set by `Authentication`.
    var isService = false

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = JobID.make().description
        logger[metadataKey: "request"] = "\(requestID)"
    }

    /// As jobs carry it. `nil`: nobody traces.
    var traceparent: String? { trace?.traceparent }

    /// - Throws: `Problem` (401) on a route that was mounted outside `Authentication`.
    func requireTenant() throws -> TenantID {
        guard let tenant else { throw Problem.unauthenticated }
        return tenant
    }

    /// - Throws: `Problem` (403) unless the request came with a service key.
    func requireService() throws {
        guard isService else { throw Problem.notForTenants }
    }
}
