import Domain
import Jobs
import Postgres
import TestSupport
import Testing
import Vault

@testable import Store

@Suite struct RenewalTests {
    @Test func `a renewal replaces the tokens it has read, and no others`() async throws {
        try await ConnectedPeople.with { people in
            let connection = try await people.connect(of: .make())
            let first = try #require(try await people.renewal(connection))
            let second = try #require(try await people.renewal(connection))
            #expect(first.refreshToken == "refresh-1")
            #expect(!first.mayBeLost && second.mayBeLost)
            #expect(try await people.end(first, .renewed(ConnectedPeople.tokens(2))) == .renewed)
            #expect(try await people.end(second, .renewed(ConnectedPeople.tokens(3))) == .superseded)
            let opened = try await people.connections.open(connection.id, tenant: connection.tenant)
            #expect(opened.accessToken == "access-2" && opened.refreshToken == "refresh-2")
            #expect(opened.connection.tokenVersion == 2)
            #expect(opened.connection.scopes == ["calendar"], "as before")
            guard case .done = try await people.begin(connection) else {
                Issue.record("nothing is left to do for version 1")
                return
            }
        }
    }

    @Test func `where refresh tokens rotate, nobody asks while another's answer may come`() async throws {
        try await ConnectedPeople.with { people in
            let connection = try await people.connect(of: .make())
            let first = try #require(try await people.renewal(connection, rotates: true))
            guard case .underWay(let seconds) = try await people.begin(connection, rotates: true) else {
                Issue.record("the first may still write")
                return
            }
            #expect((1...60).contains(seconds))
            #expect(try await people.end(first, .failed(code: "provider_unreachable")) == .unchanged)
            let next = try #require(try await people.renewal(connection, rotates: true))
            #expect(!next.mayBeLost, "the first said that nothing had happened")
        }
    }

    @Test func `one that never told its outcome may have used up the refresh token`() async throws {
        try await ConnectedPeople.with { people in
            let connection = try await people.connect(of: .make())
            #expect(try await people.renewal(connection, rotates: true, answerSeconds: 0)?.mayBeLost == false)
            let second = try #require(try await people.renewal(connection, rotates: true))
            #expect(second.mayBeLost)
            #expect(try await people.end(second, .unknown(code: "renewal_unknown")) == .unchanged)
            #expect(try await people.renewal(connection, rotates: true)?.mayBeLost == true)
        }
    }

    @Test func `a refusal after somebody else's success is none`() async throws {
        try await ConnectedPeople.with { people in
            let connection = try await people.connect(of: .make())
            let first = try #require(try await people.renewal(connection))
            let second = try #require(try await people.renewal(connection))
            #expect(try await people.end(first, .renewed(ConnectedPeople.tokens(2))) == .renewed)
            #expect(try await people.end(second, .refused(.refused)) == .superseded)
            #expect(try await people.connections.find(connection.id, tenant: connection.tenant).state == .active)
            let outcomes = "SELECT count(*) FROM renewals WHERE outcome IN ('renewed', 'superseded')"
            #expect(try await people.people.count(outcomes) == 2)
        }
    }

    @Test func `a connection comes to need a person once, who is told once`() async throws {
        try await ConnectedPeople.with { people in
            let user = try await people.people.person()
            let connection = try await people.connect(of: TenantID(user), by: user)
            let first = try #require(try await people.renewal(connection))
            let second = try #require(try await people.renewal(connection))
            #expect(try await people.end(first, .refused(.refused)) == .needsReconnect)
            #expect(try await people.end(second, .refused(.lostRotation)) == .superseded)
            let found = try await people.connections.find(connection.id, tenant: connection.tenant)
            #expect(found.state == .needsReconnect && found.reason == .refused)
            #expect(try await people.people.count("SELECT count(*) FROM jobs WHERE kind = 'mail.send'") == 1)
            #expect(try await people.people.actions(in: connection.tenant) == [.connectionNeedsReconnect])
            let mail = MailContext(pool: people.engine.workerPool)
            let told = try await mail.connection(connection.id, of: connection.tenant, madeBy: user)
            #expect(told?.accountName == "ada@example.com")
            #expect(try await mail.connection(connection.id, of: connection.tenant, madeBy: .make()) == nil)
            _ = try await people.connect(of: TenantID(user), by: user)
            #expect(try await mail.connection(connection.id, of: connection.tenant, madeBy: user) == nil)
        }
    }

    @Test func `an answer that comes late is believed as long as nobody else has written`() async throws {
        try await ConnectedPeople.with { people in
            let connection = try await people.connect(of: .make())
            let zombie = try #require(try await people.renewal(connection, rotates: true, answerSeconds: 0))
            let other = try #require(try await people.renewal(connection, rotates: true))
            #expect(try await people.end(other, .refused(.lostRotation)) == .needsReconnect)
            #expect(try await people.end(zombie, .renewed(ConnectedPeople.tokens(2))) == .renewed)
            let opened = try await people.connections.open(connection.id, tenant: connection.tenant)
            #expect(opened.connection.state == .active && opened.refreshToken == "refresh-2")
        }
    }

    @Test func `what cannot be renewed is not tried`() async throws {
        try await ConnectedPeople.with { people in
            let bare = try await people.connect(of: .make(), ConnectedPeople.tokens(1, refresh: false))
            guard case .impossible(_, .noRefreshToken) = try await people.begin(bare) else {
                Issue.record("there is no refresh token")
                return
            }
            #expect(try await people.connections.giveUp(bare, .noRefreshToken) { _ in } == .needsReconnect)
            #expect(try await people.connections.giveUp(bare, .noRefreshToken) { _ in } == .superseded)
            let shredded = try await people.connect(of: .make())
            try await people.engine.owner.script("DELETE FROM data_keys WHERE tenant_id = '\(shredded.tenant)'")
            guard case .impossible(_, .unreadable) = try await people.begin(shredded) else {
                Issue.record("what opens the tokens is gone")
                return
            }
            guard
                case .gone = try await people.connections.begin(
                    .make(), tenant: bare.tenant, replacing: 1, rotates: true,
                    by: Connections.Renewer(job: .make(), attempt: 1, answerSeconds: 1))
            else {
                Issue.record("there is no such connection")
                return
            }
        }
    }

    @Test func `jobs that wait for a connection go on where they stopped`() async throws {
        try await ConnectedPeople.with { people in
            let (connection, other) = (try await people.connect(of: .make()), try await people.connect(of: .make()))
            let (job, others) = (
                try await people.waiting(for: connection), try await people.waiting(for: other)
            )
            let store = people.engine.store
            let released = try await store.release(
                waitingFor: connection.id.awaited, tenant: connection.tenant)
            #expect(released.map(\.id) == [job])
            #expect(try await store.find(others, tenant: other.tenant)?.state == .waiting)
            #expect(try await people.sweep.releasable().map(\.awaited) == [other.id.awaited])
            try await people.engine.workerPool.transaction(settings: RowAccess.tenant(other.tenant)) {
                try await store.release(waitingFor: other.id.awaited, tenant: other.tenant, in: $0)
            }
            #expect(try await store.find(others, tenant: other.tenant)?.state == .queued)
        }
    }

    @Test func `jobs whose connection is gone are let go, and those whose connection needs a person are not`()
        async throws
    {
        try await ConnectedPeople.with { people in
            let (gone, broken) = (try await people.connect(of: .make()), try await people.connect(of: .make()))
            for connection in [gone, broken] { _ = try await people.waiting(for: connection) }
            try await people.engine.owner.script("DELETE FROM connections WHERE id = '\(gone.id)'")
            #expect(try await people.connections.giveUp(broken, .refused) { _ in } == .needsReconnect)
            #expect(try await people.sweep.releasable().map(\.awaited) == [gone.id.awaited])
        }
    }

    @Test func `a connection without a refresh token is not due before its end`() async throws {
        try await ConnectedPeople.with { people in
            let bare = try await people.connect(of: .make(), ConnectedPeople.tokens(1, refresh: false))
            let usual = try await people.connect(of: .make())
            func due() async throws -> Set<ConnectionID> {
                Set(try await people.sweep.due(withinSeconds: 60, after: nil).map(\.connection))
            }
            try await people.engine.owner.script("UPDATE connections SET renew_at = now() + interval '30 s'")
            #expect(try await due() == [usual.id])
            try await people.engine.owner.script("UPDATE connections SET renew_at = now()")
            #expect(try await due() == [bare.id, usual.id])
        }
    }

    @Test func `a renewal whose tokens cannot be read leaves no trace of one that began`() async throws {
        try await ConnectedPeople.with { people in
            let connection = try await people.connect(of: .make())
            let elsewhere = try MasterKeys([try MasterKey.make(id: "k2")])
            let stranger = ConnectedPeople(people: people.people, masterKeys: elsewhere)
            await #expect(throws: SealingError.unknownMasterKey("k1")) { try await stranger.begin(connection) }
            #expect(try await people.people.count("SELECT count(*) FROM renewals") == 0)
            #expect(try await people.renewal(connection, rotates: true)?.mayBeLost == false)
        }
    }

    @Test func `sweeps find what is due, but leave alone what has just failed`() async throws {
        try await ConnectedPeople.with { people in
            var due: [ConnectionID] = []
            for number in 1...3 {
                let connection = try await people.connect(of: .make())
                due.append(connection.id)
                try await people.engine.owner.script(
                    "UPDATE connections SET renew_at = now() + '\(number * 20) s' WHERE id = '\(connection.id)'")
            }
            let pages = try await people.sweep.due(withinSeconds: 50, after: nil)
            #expect(pages.map(\.connection) == Array(due.prefix(2)))
            #expect(try await people.sweep.due(withinSeconds: 70, after: pages[1]).map(\.connection) == [due[2]])
            let found = try await people.connections.find(due[0], tenant: pages[0].tenant)
            let renewal = try #require(try await people.renewal(found))
            #expect(try await people.end(renewal, .failed(code: "provider_misconfigured")) == .unchanged)
            #expect(try await people.sweep.due(withinSeconds: 50, after: nil).map(\.connection) == [due[1]])
            try await people.engine.owner.script("UPDATE connections SET failed_at = failed_at - interval '61 s'")
            #expect(try await people.sweep.due(withinSeconds: 50, after: nil).count == 2)
            try await people.engine.owner.script("UPDATE renewals SET started_at = now() - interval '31 days'")
            try await people.engine.owner.script(
                """
                INSERT INTO authorizations (id, tenant_id, provider, digest, browser, verifier, redirect_uri,
                                            return_to, expires_at)
                VALUES (gen_random_uuid(), gen_random_uuid(), 'google', sha256('a'), sha256('b'), 'sv1.1.AA',
                        'https://example.com', '/', now() - interval '25 hours')
                """)
            #expect(try await people.sweep.prune() == 2)
        }
    }

    @Test func `a rotation leaves nothing under the old master key, and everything opens`() async throws {
        try await ConnectedPeople.with { people in
            var all: [Connection] = []
            for _ in 1...5 { all.append(try await people.connect(of: .make())) }
            let both = try people.masterKeys.adding(try MasterKey.make(id: "k2"), first: true)
            let rotation = KeyRotation(pool: people.engine.workerPool, wrapping: LocalKeyWrapping(both))
            #expect(try await rotation.run().rewrapped == 5)
            #expect(try await rotation.run() == KeyRotation.Outcome())
            #expect(try await rotation.counts().map(\.masterKey) == ["k2"])
            let vault = TokenVault(
                pool: people.engine.workerPool, wrapping: LocalKeyWrapping(try both.removing(id: "k1")))
            let connections = Connections(pool: people.engine.workerPool, vault: vault)
            for connection in all {
                let opened = try await connections.open(connection.id, tenant: connection.tenant)
                #expect(opened.accessToken == "access-1")
            }
            await #expect(throws: SealingError.unknownMasterKey("k2")) {
                try await people.connections.open(all[0].id, tenant: all[0].tenant)
            }
        }
    }

    @Test func `a data key that nothing opens is named, and does not keep a rotation from the others`() async throws {
        try await ConnectedPeople.with { people in
            var tenants: [TenantID] = []
            for _ in 1...5 { tenants.append(try await people.connect(of: .make()).tenant) }
            tenants.sort { "\($0)" < "\($1)" }
            for (tenant, change) in [
                (tenants[0], "master_key = 'k9', wrapped = replace(wrapped, 'k1', 'k9')"),
                (tenants[2], "wrapped = (SELECT wrapped FROM data_keys WHERE tenant_id = '\(tenants[4])')"),
            ] {
                try await people.engine.owner.script("UPDATE data_keys SET \(change) WHERE tenant_id = '\(tenant)'")
            }
            let both = try people.masterKeys.adding(try MasterKey.make(id: "k2"), first: true)
            let rotation = KeyRotation(pool: people.engine.workerPool, wrapping: LocalKeyWrapping(both))
            let outcome = try await rotation.run()
            #expect(outcome.rewrapped == 3 && outcome.unreadable == 2)
            #expect(outcome.tenants == [tenants[0], tenants[2]])
            #expect(try await rotation.counts().map(\.masterKey) == ["k1", "k2", "k9"])
        }
    }

    @Test func `a visit to a consent page is used once, by the browser that began it`() async throws {
        try await ConnectedPeople.with { people in
            let user = try await people.people.person()
            let caller = people.people.caller(user)
            let visits = Authorizations(pool: people.engine.gatewayPool, vault: people.vault)
            let (digest, browser) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
            let new = Authorizations.New(
                tenant: caller.tenant, user: user, provider: ProviderName("google"), host: nil, digest: digest,
                browser: browser, verifier: "verifier", redirectURI: "https://example.com/callback", returnTo: "/",
                features: ["calendar"])
            #expect(try await visits.begin(new, caller))
            guard case .unknown = try await visits.present(digest: digest, browser: digest) else {
                Issue.record("another browser")
                return
            }
            guard case .open(let returned) = try await visits.present(digest: digest, browser: browser) else {
                Issue.record("it is open")
                return
            }
            let key = try await people.vault.sealingKey(of: caller.tenant)
            func use() async throws -> Bool {
                try await people.engine.gatewayPool.transaction(
                    settings: Authorizations.using(returned, digest: digest)
                ) { try await visits.use(returned, digest: digest, code: "code", sealedBy: key, in: $0) }
            }
            #expect(try await use())
            #expect(try await !use())
            let redeemed = try await Authorizations(pool: people.engine.workerPool, vault: people.vault)
                .redeemable(new.id, tenant: caller.tenant)
            #expect(redeemed?.code == "code" && redeemed?.verifier == "verifier")
        }
    }
}
