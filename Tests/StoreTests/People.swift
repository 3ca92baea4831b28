import Domain
import Jobs
import Postgres
import Store
import TestSupport

/// People of one test, and what they do with companies and tasks, as the gateway's role.
struct People: Sendable {
    let engine: Engine

    var companies: Companies { Companies(pool: engine.gatewayPool) }
    var invitations: Invitations { Invitations(companies: companies, intake: engine.intake) }
    var tasks: Tasks { Tasks(pool: engine.gatewayPool) }
    var log: AuditLog { AuditLog(pool: engine.gatewayPool) }

    static func with(_ body: @Sendable (People) async throws -> Void) async throws {
        try await Engine.with { try await body(People(engine: $0)) }
    }

    private static let insert = Statement(
        "test.person", "INSERT INTO users (id, email, name, is_verified) VALUES ($1, $2, 'Somebody', $3)")

    func person(_ email: String? = nil, isVerified: Bool = true) async throws -> UserID {
        let id = UserID.make()
        _ = try await engine.owner.execute(
            Self.insert, [.uuid(id.uuid), .text(email ?? "\(id)@example.com"), .bool(isVerified)])
        return id
    }

    /// Somebody in their own workspace, or in a company's.
    func caller(_ user: UserID, in company: CompanyID? = nil) -> Caller {
        Caller(
            name: "user:\(user)", user: user, tenant: company.map { TenantID($0) } ?? TenantID(user),
            permissions: .all, address: "192.0.2.1", requestID: "test")
    }

    func key(of tenant: TenantID, _ permissions: Permissions = .all) -> Caller {
        Caller(name: "key:test", user: nil, tenant: tenant, permissions: permissions)
    }

    func company(of founder: UserID) async throws -> CompanyID {
        try await companies.create("Acme", by: founder, caller(founder)).id
    }

    private static let join = Statement(
        "test.join", "INSERT INTO memberships (company_id, user_id, role) VALUES ($1, $2, $3)")

    /// Somebody new in a company.
    func member(of company: CompanyID, _ role: Role) async throws -> UserID {
        let user = try await person()
        _ = try await engine.owner.execute(
            Self.join, [.uuid(company.uuid), .uuid(user.uuid), .text(role.rawValue)])
        return user
    }

    /// One number from the database.
    func count(_ sql: String) async throws -> Int {
        try await engine.owner.query(Statement("test.count.\(sql.hashValue)", sql))[0].int(0)
    }

    /// The actions recorded in a workspace, oldest first.
    func actions(in tenant: TenantID) async throws -> [AuditAction] {
        try await log.list(tenant: tenant, action: nil, before: nil, limit: 100).map(\.action).reversed()
    }
}
