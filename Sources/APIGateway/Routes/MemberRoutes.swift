import Domain
import Hummingbird
import Store

/// `/api/v1/companies/{id}/members`.
struct MemberRoutes: Sendable {
    let companies: Companies
    let standings: Standings

    func mount(on router: RouterGroup<GatewayContext>) {
        let routes = router.group("companies/:id/members")
        routes.get(use: list)
        routes.patch(":user", use: changeRole)
        routes.delete(":user", use: remove)
    }

    private struct Body: Decodable {
        var role: Role

        private enum CodingKeys: String, CodingKey { case role }

        init(from decoder: any Decoder) throws {
            var fields = FieldReader(try decoder.container(keyedBy: CodingKeys.self))
            role = try fields.role(.role)
            try fields.finish()
        }
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let company = try CompanyRoutes.id(context)
        let query = QueryReader(request: request)
        let limit = try query.limit()
        let after = try query.cursor { UserID($0) }
        let found = try await companies.members(
            of: company, after: after, limit: limit + 1, context.requireCaller())
        return Page(found, limit: limit).response("members", cursor: \.user.description, write: Self.write)
    }

    @Sendable func changeRole(_ request: Request, context: GatewayContext) async throws -> Response {
        let (company, user) = (try CompanyRoutes.id(context), try Self.user(context))
        let body = try BodyReader.decode(Body.self, from: try await BodyReader.bytes(request))
        let member = try await companies.changeRole(of: user, to: body.role, in: company, context.requireCaller())
        await standings.changed(user)
        var writer = JSONWriter(capacity: 256)
        writer.object { Self.write(member, to: &$0) }
        return .json(writer)
    }

    @Sendable func remove(_ request: Request, context: GatewayContext) async throws -> Response {
        let user = try Self.user(context)
        try await companies.remove(user, from: CompanyRoutes.id(context), context.requireCaller())
        await standings.changed(user)
        return Response(status: .noContent)
    }

    private static func user(_ context: GatewayContext) throws -> UserID {
        guard let id = context.parameters.get("user").flatMap({ UserID($0) }) else { throw Problem.notFound("member") }
        return id
    }

    private static func write(_ member: Companies.Member, to object: inout JSONWriter) {
        object.field("user_id", member.user.description)
        object.field("email", member.email)
        object.field("name", member.name)
        object.field("role", member.role.rawValue)
        object.field("created_at", member.createdAt)
    }
}
