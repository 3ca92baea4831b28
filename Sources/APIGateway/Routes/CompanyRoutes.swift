import Domain
import Hummingbird
import Store

/// `/api/v1/companies`. What one may do in a company is asked of the company in the path, not of the workspace that the
/// request acts in otherwise.
struct CompanyRoutes: Sendable {
    let companies: Companies
    let standings: Standings

    func mount(on router: RouterGroup<GatewayContext>) {
        let routes = router.group("companies")
        routes.get(use: list)
        routes.post(use: create)
        routes.get(":id", use: show)
        routes.patch(":id", use: rename)
        routes.delete(":id", use: delete)
    }

    private struct Body: Decodable {
        var name: String

        private enum CodingKeys: String, CodingKey { case name }

        init(from decoder: any Decoder) throws {
            var fields = FieldReader(try decoder.container(keyedBy: CodingKeys.self))
            name = try fields.required(.name, NameRule.company.sentence, NameRule.company.name) ?? ""
            try fields.finish()
        }
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = QueryReader(request: request)
        let limit = try query.limit()
        let before = try query.cursor { CompanyID($0) }
        let found = try await companies.list(of: context.requireUser(), before: before, limit: limit + 1)
        return Page(found, limit: limit).response("companies", cursor: \.id.description, write: Self.write)
    }

    @Sendable func create(_ request: Request, context: GatewayContext) async throws -> Response {
        let user = try context.requireUser()
        let body = try BodyReader.decode(Body.self, from: try await BodyReader.bytes(request))
        let company = try await companies.create(body.name, by: user, context.requireCaller())
        await standings.changed(user)
        return Self.answer(company, status: .created, headers: [.location: "/api/v1/companies/\(company.id)"])
    }

    @Sendable func show(_ request: Request, context: GatewayContext) async throws -> Response {
        Self.answer(try await companies.find(Self.id(context), context.requireCaller()))
    }

    @Sendable func rename(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try Self.id(context)
        let body = try BodyReader.decode(Body.self, from: try await BodyReader.bytes(request))
        return Self.answer(try await companies.rename(id, to: body.name, context.requireCaller()))
    }

    @Sendable func delete(_ request: Request, context: GatewayContext) async throws -> Response {
        try await companies.delete(Self.id(context), context.requireCaller())
        await standings.changedManifold()
        return Response(status: .noContent)
    }

    static func id(_ context: GatewayContext) throws -> CompanyID {
        guard let id = context.parameters.get("id").flatMap({ CompanyID($0) }) else {
            throw Problem.notFound("company")
        }
        return id
    }

    static func answer(
        _ company: Company, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var writer = JSONWriter(capacity: 256)
        writer.object { write(company, to: &$0) }
        return .json(writer, status: status, headers: headers)
    }

    private static func write(_ company: Company, to object: inout JSONWriter) {
        object.field("id", company.id.description)
        object.field("name", company.name)
        object.field("role", company.role?.rawValue)
        object.field("created_at", company.createdAt)
    }
}
