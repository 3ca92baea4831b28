import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct SessionTests {
    /// A person with one session, as the gateway's role sees them.
    struct Fixture: Sendable {
        let pool: PostgresPool
        let user: UserID
        let session: SessionID
        var sessions: Sessions { Sessions(pool: pool) }

        static func with(_ body: @Sendable (Fixture) async throws -> Void) async throws {
            let stores = try await TestStores.make()
            try await stores.withPool(as: "errand_gateway", size: 8, acquireTimeout: .seconds(60)) { pool in
                let fixture = Fixture(pool: pool, user: .make(), session: .make())
                let email = try #require(EmailAddress("ada@example.com"))
                try await pool.transaction(settings: RowAccess.user(fixture.user)) { transaction in
                    _ = try await Users(pool: pool).insert(User(id: fixture.user, email: email), in: transaction)
                    try await fixture.sessions.open(
                        fixture.session, of: fixture.user, lifeHours: 1, userAgent: "test", address: "127.0.0.1",
                        in: transaction)
                }
                try await body(fixture)
            }
            try await stores.drop()
        }

        func refresh(_ generation: Int, graceSeconds: Int = 60) async throws -> Sessions.Refresh {
            try await pool.transaction(settings: RowAccess.user(user)) { transaction in
                try await sessions.refresh(
                    session, of: user, generation: generation, graceSeconds: graceSeconds, in: transaction)
            }
        }

        func expectAlive(_ isAlive: Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
            let standing = try await Standing.find(user, session: session, in: pool)
            #expect(standing?.isGood == isAlive, sourceLocation: sourceLocation)
        }
    }

    @Test func `each refresh hands out the next generation`() async throws {
        try await Fixture.with { fixture in
            for generation in 0..<5 {
                let outcome1 = try await fixture.refresh(generation)
                #expect(outcome1 == .granted(generation: generation + 1))
            }
        }
    }

    @Test func `the token before the newest gets the newest within the grace period`() async throws {
        try await Fixture.with { fixture in
            let outcome2 = try await fixture.refresh(0)
            #expect(outcome2 == .granted(generation: 1))
            let outcome3 = try await fixture.refresh(0)
            #expect(outcome3 == .granted(generation: 1))
            let outcome4 = try await fixture.refresh(1)
            #expect(outcome4 == .granted(generation: 2))
            try await fixture.expectAlive(true)
        }
    }

    @Test func `an older token ends the session`() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.refresh(0)
            _ = try await fixture.refresh(1)
            let outcome5 = try await fixture.refresh(0)
            #expect(outcome5 == .reused)
            try await fixture.expectAlive(false)
            let outcome6 = try await fixture.refresh(2)
            #expect(outcome6 == .ended)
        }
    }

    @Test func `after the grace period the token before the newest is an old one too`() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.refresh(0, graceSeconds: 0)
            let outcome7 = try await fixture.refresh(0, graceSeconds: 0)
            #expect(outcome7 == .reused)
            try await fixture.expectAlive(false)
        }
    }

    @Test func `a generation that was never handed out, and a session of somebody else, are unknown`() async throws {
        try await Fixture.with { fixture in
            let outcome8 = try await fixture.refresh(1)
            #expect(outcome8 == .unknown)
            let stranger = Fixture(pool: fixture.pool, user: .make(), session: fixture.session)
            let strange = try await stranger.refresh(0)
            #expect(strange == .unknown)
            try await fixture.expectAlive(true)
        }
    }

    @Test func `two hundred refreshes at once leave one session with one newest token`() async throws {
        try await Fixture.with { fixture in
            let outcomes = try await withThrowingTaskGroup(of: Sessions.Refresh.self) { group in
                for _ in 0..<200 { group.addTask { try await fixture.refresh(0) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count == 200)
            #expect(outcomes.allSatisfy { $0 == .granted(generation: 1) })
            try await fixture.expectAlive(true)
            let outcome9 = try await fixture.refresh(1)
            #expect(outcome9 == .granted(generation: 2))
        }
    }

    @Test func `one of many sessions is ended, or all the others`() async throws {
        try await Fixture.with { fixture in
            let other = SessionID.make()
            let settings = RowAccess.user(fixture.user)
            try await fixture.pool.transaction(settings: settings) { transaction in
                try await fixture.sessions.open(
                    other, of: fixture.user, lifeHours: 1, userAgent: "", address: "", in: transaction)
            }
            let both = try await fixture.sessions.list(of: fixture.user).map(\.id)
            #expect(both == [other, fixture.session])
            try await fixture.pool.transaction(settings: settings) { transaction in
                let ended = try await fixture.sessions.revokeOthers(
                    of: fixture.user, but: other, because: .revoked, in: transaction)
                #expect(ended == 1)
                let again = try await fixture.sessions.revoke(
                    fixture.session, of: fixture.user, because: .revoked, in: transaction)
                #expect(!again)
            }
            try await fixture.expectAlive(false)
            let left = try await fixture.sessions.list(of: fixture.user).map(\.id)
            #expect(left == [other])
        }
    }

    @Test func `one session more than allowed ends the oldest`() async throws {
        try await Fixture.with { fixture in
            try await fixture.pool.transaction(settings: RowAccess.user(fixture.user)) { transaction in
                for _ in 0..<Sessions.maxPerUser {
                    try await fixture.sessions.open(
                        .make(), of: fixture.user, lifeHours: 1, userAgent: "", address: "", in: transaction)
                }
            }
            let living = try await fixture.sessions.list(of: fixture.user).map(\.id)
            #expect(living.count == Sessions.maxPerUser)
        }
    }
}
