import Domain
import Postgres
import TestSupport
import Testing
import Vault

@testable import Store

@Suite struct UserTests {
    private static func withPool(_ body: @Sendable (PostgresPool) async throws -> Void) async throws {
        let stores = try await TestStores.make()
        try await stores.withPool(as: "errand_gateway") { try await body($0) }
        try await stores.drop()
    }

    private static func make(
        _ address: String, isVerified: Bool = false, in pool: PostgresPool
    ) async throws -> User {
        let user = User(id: .make(), email: try #require(EmailAddress(address)), isVerified: isVerified)
        let isMade = try await pool.transaction(settings: RowAccess.user(user.id)) { transaction in
            try await Users(pool: pool).insert(user, in: transaction)
        }
        try #require(isMade)
        return user
    }

    @Test func `an address has one account, however it is written`() async throws {
        try await Self.withPool { pool in
            let ada = try await Self.make("ada@example.com", in: pool)
            let twin = User(id: .make(), email: try #require(EmailAddress(" Ada@EXAMPLE.com ")))
            let isMade = try await pool.transaction(settings: RowAccess.user(twin.id)) { transaction in
                try await Users(pool: pool).insert(twin, in: transaction)
            }
            #expect(!isMade)
            let value1 = try await Users(pool: pool).find(twin.email)?.id
            #expect(value1 == ada.id)
        }
    }

    @Test func `nobody sees an account without naming it`() async throws {
        try await Self.withPool { pool in
            let ada = try await Self.make("ada@example.com", in: pool)
            let grace = try await Self.make("grace@example.com", in: pool)
            let all = Statement("test.all_users", "SELECT id FROM users WHERE true OR email LIKE '%'")
            #expect(try await pool.query(all).isEmpty)
            let seen = try await pool.query(all, settings: RowAccess.user(ada.id)).map { try $0.uuid(0) }
            #expect(seen == [ada.id.uuid])
            let byAddress = try await pool.query(all, settings: RowAccess.email(grace.email)).map { try $0.uuid(0) }
            #expect(byAddress == [grace.id.uuid])
        }
    }

    @Test func `who names an address cannot change its account`() async throws {
        try await Self.withPool { pool in
            let ada = try await Self.make("ada@example.com", in: pool)
            let change = Statement("test.deactivate", "UPDATE users SET is_active = false")
            await #expect(throws: PostgresError.self) {
                try await pool.execute(change, settings: RowAccess.email(ada.email))
            }
            let value2 = try await Users(pool: pool).find(ada.id)?.isActive
            #expect(value2 == true)
        }
    }

    @Test func `an identity finds its person, also when two requests see it first at once`() async throws {
        try await Self.withPool { pool in
            let identities = Identities(pool: pool)
            let claim = Identities.Claim(
                issuer: "https://issuer.example/auth/v1", subject: "5f1c", email: try #require(EmailAddress("a@b.co")),
                isVerified: true)
            let found = try await withThrowingTaskGroup(of: UserID?.self) { group in
                for _ in 0..<20 { group.addTask { try await identities.resolve(claim) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(found.count == 1)
            #expect(found.first??.uuid != nil)
        }
    }

    @Test func `an identity takes an account over only when both sides have verified the address`() async throws {
        try await Self.withPool { pool in
            let identities = Identities(pool: pool)
            func claim(_ address: String, _ isVerified: Bool) throws -> Identities.Claim {
                let email = try #require(EmailAddress(address))
                return .init(issuer: "https://issuer.example", subject: address, email: email, isVerified: isVerified)
            }
            let verified = try await Self.make("verified@example.com", isVerified: true, in: pool)
            _ = try await Self.make("unverified@example.com", in: pool)
            let value3 = try await identities.resolve(claim("verified@example.com", false))
            #expect(value3 == nil)
            let value4 = try await identities.resolve(claim("unverified@example.com", true))
            #expect(value4 == nil)
            let value5 = try await identities.resolve(claim("verified@example.com", true))
            #expect(value5 == verified.id)
        }
    }

    @Test func `a key is found by its digest only, and not after it was revoked`() async throws {
        try await Self.withPool { pool in
            let keys = APIKeys(pool: pool)
            let tenant = TenantID.make()
            let digest = Digest.sha256("errand_secret".utf8)
            let new = APIKeys.New(
                id: .make(), tenant: tenant, name: "cron", digest: digest, prefix: "errand_se", scopes: ["jobs:read"],
                createdBy: nil, lifeDays: nil)
            let made = try await pool.transaction(settings: RowAccess.tenant(tenant)) { transaction in
                try await keys.insert(new, in: transaction)
            }
            #expect(made?.id == new.id)
            let value6 = try await keys.present(digest: digest)?.tenant
            #expect(value6 == tenant)
            let value7 = try await keys.present(digest: digest)?.lastUsedAt
            #expect(value7 != nil)
            let value8 = try await keys.present(digest: Digest.sha256("errand_secret2".utf8))
            #expect(value8 == nil)
            let revoked = try await pool.transaction(settings: RowAccess.tenant(tenant)) { transaction in
                try await keys.revoke(new.id, of: tenant, in: transaction)
            }
            #expect(revoked == digest)
            let value9 = try await keys.present(digest: digest)
            #expect(value9 == nil)
        }
    }
}
