import Domain
import Hummingbird
import Jobs
import Providers
import Store

/// `/api/v1/integrations`: which accounts can be connected, and those that are.
struct IntegrationRoutes: Sendable {
    /// `nil`: no accounts can be connected here.
    let parts: ConnectionParts?
    let intake: JobIntake

    func mount(on router: RouterGroup<GatewayContext>) {
        let routes = router.group("integrations")
        routes.get("available", use: available)
        routes.get(use: list)
        routes.get(":id/status", use: status)
        routes.delete(":id", use: disconnect)
        routes.post(":id/check", use: check)
    }

    @Sendable func available(_ request: Request, context: GatewayContext) async throws -> Response {
        let parts = try parts.orOff()
        var writer = JSONWriter(capacity: 1024)
        writer.object { object in
            object.key("providers")
            object.array { array in
                for provider in parts.catalog.providers { ProviderAnswer(provider.about).write(to: &array) }
            }
        }
        return .json(writer)
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let parts = try parts.orOff()
        let found = try await parts.connections.list(of: context.requireTenant())
        var writer = JSONWriter(capacity: 512 * (found.count + 1))
        writer.object { Self.write(found, parts.catalog, to: &$0) }
        return .json(writer)
    }

    static func write(_ connections: [Connection], _ catalog: ProviderCatalog, to object: inout JSONWriter) {
        object.key("connections")
        object.array { array in
            for connection in connections { ConnectionAnswer(connection, catalog).write(to: &array) }
        }
    }

    /// Whether the workspace can use a provider, in one word; several accounts are as good as the best of them.
    @Sendable func status(_ request: Request, context: GatewayContext) async throws -> Response {
        let parts = try parts.orOff()
        let name = try Self.provider(context)
        let found = try await parts.connections.list(of: context.requireTenant()).filter { $0.provider == name }
        let best = [.active, .needsReconnect, .disconnecting].first { state in found.contains { $0.state == state } }
        var writer = JSONWriter(capacity: 512 * (found.count + 1))
        writer.object { object in
            object.field("provider", name.rawValue)
            object.field("title", parts.catalog[name]?.about.title ?? name.rawValue)
            object.field("available", parts.catalog[name] != nil)
            object.field("state", best?.rawValue ?? "not_connected")
            Self.write(found, parts.catalog, to: &object)
        }
        return .json(writer)
    }

    @Sendable func disconnect(_ request: Request, context: GatewayContext) async throws -> Response {
        try await jobs().disconnect(Self.id(context), context)
    }

    @Sendable func check(_ request: Request, context: GatewayContext) async throws -> Response {
        try await jobs().check(Self.id(context), context)
    }

    private func jobs() throws -> ConnectionJobs {
        ConnectionJobs(parts: try parts.orOff(), intake: intake)
    }

    /// The provider that a path names: one there can be, whether it is in the settings or not. The router wants one
    /// name for what stands in one place, so it is called as a connection is.
    static func provider(_ context: GatewayContext) throws -> ProviderName {
        guard let name = context.parameters.get("id").flatMap({ ProviderName(rawValue: $0) }),
            ProviderCatalog.known.contains(where: { $0.name == name })
        else { throw Problem.notFound("provider") }
        return name
    }

    static func id(_ context: GatewayContext) throws -> ConnectionID {
        guard let id = context.parameters.get("id").flatMap({ ConnectionID($0) }) else {
            throw Problem.notFound("connection")
        }
        return id
    }
}

extension ConnectionParts? {
    /// - Throws: `Problem` (404) where no accounts can be connected.
    func orOff() throws -> ConnectionParts {
        guard let self else { throw Problem.connectionsOff }
        return self
    }
}
