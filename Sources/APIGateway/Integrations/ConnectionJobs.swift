import Domain
import Hummingbird
import Jobs
import Store

/// What is done with connections, which workers do: each is a job of the connection's workspace, and one that has not
/// ended stands for a second of its kind.
struct ConnectionJobs: Sendable {
    let parts: ConnectionParts
    let intake: JobIntake

    /// Marks the connection for its end and has it revoked, in one transaction.
    func disconnect(_ id: ConnectionID, _ context: GatewayContext) async throws -> Response {
        let tenant = try context.requireTenant()
        let caller = try context.requireCaller()
        let (connections, store) = (parts.connections, intake.store)
        let specification = Self.once(.disconnect, id, try Disconnect(id).specification(), context)
        let entry = AuditLog.Entry(.disconnectRequested, tenant: tenant, user: caller.user, subject: "connection:\(id)")
        let made = try await intake.accept(tenant: tenant, key: nil) { transaction in
            _ = try await connections.disconnect(id, tenant: tenant, in: transaction)
            // A renewal that rests after a failure would hold up the end.
            try await store.withdraw(RenewToken.kind, orderingKey: id.orderingKey, tenant: tenant, in: transaction)
            try await AuditLog.record(entry, by: caller, in: transaction)
            return specification
        }
        return try JobRoutes.answer(made)
    }

    /// Makes sure that there is a good access token.
    func check(_ id: ConnectionID, _ context: GatewayContext) async throws -> Response {
        try JobRoutes.answer(try await startCheck(try await find(id, context), context))
    }

    func startCheck(_ connection: Connection, _ context: GatewayContext) async throws -> JobIntake.Keyed {
        guard connection.state != .disconnecting else { throw Problem.disconnecting }
        let id = connection.id
        let specification = Self.once(.check, id, try CheckConnection(id).specification(), context)
        return try await intake.accept(tenant: connection.tenant, key: nil) { _ in specification }
    }

    /// Gets the next access token, whether the present one is over or not.
    func renew(_ id: ConnectionID, _ context: GatewayContext) async throws -> Response {
        let connection = try await find(id, context)
        switch connection.state {
        case .active: break
        case .needsReconnect: throw Problem.reconnectNeeded
        case .disconnecting: throw Problem.disconnecting
        }
        var specification = try RenewToken(id, tokenVersion: connection.tokenVersion)
            .specification(priority: .urgent)
        specification.trace = context.traceparent
        let job = specification
        return try JobRoutes.answer(try await intake.accept(tenant: connection.tenant, key: nil) { _ in job })
    }

    func find(_ id: ConnectionID, _ context: GatewayContext) async throws -> Connection {
        try await parts.connections.find(id, tenant: try context.requireTenant())
    }

    /// Somebody waits for it.
    private static func once(
        _ what: ReservedKey, _ id: ConnectionID, _ specification: JobSpecification, _ context: GatewayContext
    ) -> JobSpecification {
        var specification = specification
        specification.unique = Uniqueness(key: what.of(id), scope: .unfinished, onConflict: .keep)
        specification.priority = .urgent
        specification.trace = context.traceparent
        return specification
    }
}
