import Domain
import Hummingbird
import Store

/// `/api/v1/auth/sessions`: where somebody is signed in.
struct SessionRoutes: Sendable {
    let accounts: Accounts

    func mount(on router: RouterGroup<GatewayContext>) {
        let sessions = router.group("sessions")
        sessions.get(use: list)
        sessions.delete(use: endOthers)
        sessions.delete(":id", use: end)
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let found = try await accounts.sessions.list(of: context.requireUser())
        var writer = JSONWriter(capacity: 300 * (found.count + 1))
        writer.object { object in
            object.key("sessions")
            object.array { array in
                for session in found {
                    SessionAnswer(session: session, isCurrent: session.id == context.principal?.session)
                        .write(to: &array)
                }
            }
        }
        return .json(writer)
    }

    @Sendable func endOthers(_ request: Request, context: GatewayContext) async throws -> Response {
        try await accounts.endOthers(
            of: context.requireUser(), but: context.principal?.session, from: Origin(request, context))
        return Response(status: .noContent)
    }

    @Sendable func end(_ request: Request, context: GatewayContext) async throws -> Response {
        let user = try context.requireUser()
        guard let id = context.parameters.get("id").flatMap({ SessionID($0) }) else {
            throw Problem.notFound("session")
        }
        let isEnded = try await accounts.end(
            id, of: user, because: .revoked, action: .sessionRevoked, Origin(request, context))
        guard isEnded else { throw Problem.notFound("session") }
        return Response(status: .noContent)
    }
}
