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

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = JobID.make().description
        logger[metadataKey: "request"] = "\(requestID)"
    }

    /// - Throws: `Problem` (401) on a route that was mounted outside `Authentication`.
    func requireTenant() throws -> TenantID {
        guard let tenant else { throw Problem.unauthenticated }
        return tenant
    }
}
