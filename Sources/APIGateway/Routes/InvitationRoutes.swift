import Domain
import Hummingbird
import Store
import Vault

/// `/api/v1/companies/{id}/invitations`, `/api/v1/invitations/accept` and `…/preview`.
struct InvitationRoutes: Sendable {
    let invitations: Invitations
    /// `nil`: accounts are off.
    let accounts: Accounts?
    let standings: Standings

    /// - Parameters:
    ///   - open: `/api/v1` for anybody.
    ///   - router: `/api/v1` for those who are known.
    func mount(open: RouterGroup<GatewayContext>, on router: RouterGroup<GatewayContext>) {
        open.post("invitations/preview", use: preview)
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
            // However many somebody invites, nobody waits longer for the link to a new password.
            specification.priority = .low
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

    /// Without credentials: the token is one, and one may want to know whom one joins before one has an account.
    @Sendable func preview(_ request: Request, context: GatewayContext) async throws -> Response {
        let (id, company) = try await mailed(request)
        let preview = try await invitations.preview(id, to: company)
        var writer = JSONWriter(capacity: 400)
        writer.object { Self.write(preview, to: &$0) }
        return .json(writer)
    }

    @Sendable func accept(_ request: Request, context: GatewayContext) async throws -> Response {
        let user = try context.requireUser()
        let (id, company) = try await mailed(request)
        let joined = try await invitations.accept(id, to: company, by: user, context.requireCaller())
        await standings.changed(user)
        return CompanyRoutes.answer(joined)
    }

    /// The invitation that the body's token was mailed for.
    /// - Throws: `Problem` (400: it was not signed here, or has expired; 503).
    private func mailed(_ request: Request) async throws -> (InvitationID, CompanyID) {
        guard let accounts else { throw Problem.accountsOff }
        let token = try await BodyReader.read(PostedToken.self, request).token
        guard let named = accounts.credentials.mailed.readInvitation(token) else { throw Problem.badInvitation }
        return (InvitationID(named.invitation), CompanyID(named.company))
    }

    private static func write(_ preview: Invitations.Preview, to object: inout JSONWriter) {
        object.key("company")
        object.object { company in
            company.field("id", preview.company.description)
            company.field("name", preview.companyName)
        }
        object.field("role", preview.role.rawValue)
        object.key("invited_by")
        if let inviter = preview.inviter {
            object.object { person in
                person.field("name", inviter.name)
                person.field("email", inviter.email)
            }
        } else {
            object.null()
        }
        object.field("expires_at", preview.expiresAt)
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
