import Domain
import Hummingbird
import Postgres
import Store
import Vault

/// `/api/v1/keys`: the API keys of a workspace.
struct KeyRoutes: Sendable {
    let pool: PostgresPool
    let standings: Standings

    private var keys: APIKeys { APIKeys(pool: pool) }

    func mount(on router: RouterGroup<GatewayContext>) {
        let keys = router.group("keys").add(middleware: Permitted(read: .readKeys, write: .writeKeys))
        keys.get(use: list)
        keys.post(use: make)
        keys.delete(":id", use: revoke)
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let tenant = try context.requireTenant()
        let found = try await keys.list(of: tenant, settings: RowAccess.tenant(tenant))
        var writer = JSONWriter(capacity: 300 * (found.count + 1))
        writer.object { object in
            object.key("keys")
            object.array { array in for key in found { KeyAnswer(key).write(to: &array) } }
        }
        return .json(writer)
    }

    @Sendable func make(_ request: Request, context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        // A key that made others would live on in them when it is revoked.
        if case .key = principal.actor { throw Problem.notForKeys }
        let posted = try await BodyReader.read(PostedKey.self, request)
        let lacking = Permissions(scopes: posted.scopes).subtracting(principal.permissions)
        guard lacking.isEmpty else { throw Problem.notPermitted(lacking) }
        let text = APIKeyText.make()
        let new = APIKeys.New(
            id: .make(), tenant: principal.tenant, name: posted.name, digest: text.digest, prefix: text.prefix,
            scopes: posted.scopes, createdBy: principal.user, lifeDays: posted.lifeDays)
        let caller = try context.requireCaller()
        let entry = AuditLog.Entry(
            .keyCreated, tenant: principal.tenant, user: principal.user, subject: "key:\(new.id)")
        let made = try await pool.transaction(settings: context.acting) { transaction in
            let key = try await keys.insert(new, in: transaction)
            if key != nil { try await AuditLog.record(entry, by: caller, in: transaction) }
            return key
        }
        guard let made else { throw Problem.tooManyKeys }
        var writer = JSONWriter(capacity: 400)
        KeyAnswer(made, secret: text.text).write(to: &writer)
        return .json(writer, status: .created)
    }

    @Sendable func revoke(_ request: Request, context: GatewayContext) async throws -> Response {
        let tenant = try context.requireTenant()
        guard let id = context.parameters.get("id").flatMap({ APIKeyID($0) }) else { throw Problem.notFound("key") }
        let caller = try context.requireCaller()
        let entry = AuditLog.Entry(.keyRevoked, tenant: tenant, user: caller.user, subject: "key:\(id)")
        let digest = try await pool.transaction(settings: context.acting) { transaction in
            let digest = try await keys.revoke(id, of: tenant, in: transaction)
            if digest != nil { try await AuditLog.record(entry, by: caller, in: transaction) }
            return digest
        }
        guard let digest else { throw Problem.notFound("key") }
        await standings.changed(key: digest)
        return Response(status: .noContent)
    }
}

struct PostedKey: Decodable {
    let name: String
    let scopes: [String]
    let lifeDays: Int?

    private enum CodingKeys: String, CodingKey {
        case name, scopes
        case lifeDays = "expires_in_days"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var fields = FieldReader(container)
        if try !container.contains(.name) || container.decodeNil(forKey: .name) { fields.report(.name, "is missing") }
        name = try fields.name(.name, 1...100) ?? ""
        let named = try container.decode([String].self, forKey: .scopes)
        let known = Permissions.scopes.map(\.name)
        if named.isEmpty || !named.allSatisfy(known.contains) {
            fields.report(.scopes, "must be one or several of \(known.joined(separator: ", "))")
        }
        lifeDays = try fields.int(.lifeDays, in: 1...3650)
        try fields.finish()
        scopes = Permissions(scopes: named).scopeNames
    }
}

extension Problem {
    static let tooManyKeys = Problem(
        status: .conflict, code: "too_many_keys",
        detail: "A workspace has at most \(APIKeys.maxPerTenant) keys. Revoke one first.")
}
