import Domain
import FoundationEssentials
import Hummingbird
import Logging
import NIOCore

/// What the gateway knows of one request.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Names the request in its answer, in problems and in the log.
    let requestID: String
    /// The connection, for a route that takes it over.
    let channel: any Channel
    let notes = RequestNotes()
    /// The client's IP address; empty when there is none, as with a Unix socket. `ClientAddress` looks behind
    /// proxies.
    var address: String
    /// Whether the client came by https. Only a trusted proxy can say so.
    var isEncrypted = false
    /// Set by `Authentication`; routes below it may rely on it.
    var principal: Principal?
    /// What the request's jobs carry on. Set by `ObservationMiddleware`.
    var trace: TraceContext?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        requestID = JobID.make().description
        let peer = source.channel.remoteAddress?.ipAddress ?? ""
        // A socket of both families shows an IPv4 client by an IPv6 address.
        address = peer.utf8.contains(UInt8(ascii: ":")) ? IPAddress(peer)?.description ?? peer : peer
        logger[metadataKey: "request"] = "\(requestID)"
    }

    /// As jobs carry it. `nil`: nobody traces.
    var traceparent: String? { trace?.traceparent }

    /// - Throws: `Problem` (401) on a route that was mounted outside `Authentication`.
    func requirePrincipal() throws -> Principal {
        guard let principal else { throw Problem.unauthenticated }
        return principal
    }

    /// The workspace the request acts in.
    /// - Throws: `Problem` (401).
    func requireTenant() throws -> TenantID { try requirePrincipal().tenant }

    /// - Throws: `Problem` (401, or 403 when it lacks one of the permissions).
    func require(_ permissions: Permissions) throws {
        let missing = permissions.subtracting(try requirePrincipal().permissions)
        if !missing.isEmpty { throw Problem.notPermitted(missing) }
    }

    /// The person who asks.
    /// - Throws: `Problem` (401, or 403 for a key).
    func requireUser() throws -> UserID {
        guard let user = try requirePrincipal().user else { throw Problem.notForKeys }
        return user
    }
}
