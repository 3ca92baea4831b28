import Domain
import Hummingbird
import Store
import Vault

/// `/api/v1/companies/{id}/invitations`, and `/api/v1/invitations/accept`.
struct InvitationRoutes: Sendable {
    let invitations: Invitations
    /// `nil`: accounts are off.
    let accounts: Accounts?
    let standings: Standings

    func mount(on router: RouterGroup<GatewayContext>) {
        let routes = router.group("companies/:id/invitations")
        routes.get(use: list)
        routes.post(use: invite)
        routes.delete(":invitation", use: revoke)
        router.post("invitations/accept", use: accept)
    }

    private struct Body: Decodable {
        var email: EmailAddress?
        var role: Role

        private enum CodingKeys: String, CodingKey { case email, role }

        init(from decoder: any Decoder) throws {
            var fields = FieldReader(try decoder.container(keyedBy: CodingKeys.self))
            email = try fields.required(.email, "must be an e-mail address") { EmailAddress($0) }
            role = try fields.role(.role)
            try fields.finish()
        }
    }

    private struct Acceptance: Decodable { var token: String }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let company = try CompanyRoutes.id(context)
        let query = QueryReader(request: request)
        let limit = try query.limit()
        let before = try query.cursor { InvitationID($0) }
        let found = try await invitations.list(
            of: company, before: before, limit: limit + 1, context.requireCaller())
        return Page(found, limit: limit).response("invitations", cursor: \.id.description, write: Self.write)
    }

    @Sendable func invite(_ request: Request, context: GatewayContext) async throws -> Response {
        let company = try CompanyRoutes.id(context)
        let body = try BodyReader.decode(Body.self, from: try await BodyReader.bytes(request))
        guard let email = body.email else { throw Problem.invalid("email", "must be an e-mail address") }
        let trace = context.traceparent
        let invitation = try await invitations.invite(
            email, as: body.role, to: company, context.requireCaller()
        ) { id in
            var specification = try SendMail(invitation: id, company: company, to: email).specification()
            specification.trace = trace
            return specification
        }
        var writer = JSONWriter(capacity: 256)
        writer.object { Self.write(invitation, to: &$0) }
        return .json(writer, status: .created)
    }

    @Sendable func revoke(_ request: Request, context: GatewayContext) async throws -> Response {
        let company = try CompanyRoutes.id(context)
        guard let id = context.parameters.get("invitation").flatMap({ InvitationID($0) }) else {
            throw Problem.notFound("invitation")
        }
        try await invitations.revoke(id, of: company, context.requireCaller())
        return Response(status: .noContent)
    }

    @Sendable func accept(_ request: Request, context: GatewayContext) async throws -> Response {
        let user = try context.requireUser()
        guard let accounts else { throw Problem.accountsOff }
        let body = try BodyReader.decode(Acceptance.self, from: try await BodyReader.bytes(request))
        guard let named = accounts.credentials.mailed.readInvitation(body.token) else { throw Problem.badInvitation }
        let company = try await invitations.accept(
            InvitationID(named.invitation), to: CompanyID(named.company), by: user, context.requireCaller())
        await standings.changed(user)
        return CompanyRoutes.answer(company)
    }

    private static func write(_ invitation: Invitation, to object: inout JSONWriter) {
        object.field("id", invitation.id.description)
        object.field("email", invitation.email)
        object.field("role", invitation.role.rawValue)
        object.field("invited_by", invitation.invitedBy?.description)
        object.field("created_at", invitation.createdAt)
        object.field("expires_at", invitation.expiresAt)
    }
}
