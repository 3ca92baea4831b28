import Domain
import Foundation
import HTTPTransport
import Postgres
import TestSupport
import Testing

/// How connections end other than by a provider's word.
@Suite(.serialized, .timeLimit(.minutes(6))) struct EndingTests {
    @Test func `a renewal that rests after a failure does not hold up the end of its connection`() async throws {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            let made = try await ada.connectToTheEnd("google")
            try await connecting.simulate(
                "POST", "faults",
                #"{"kind":"status:503","provider":"google","grant":"refresh_token","times":1,"retry_after":"600"}"#)
            let renewal: APIClient.JobView = try await ada.send(
                "POST", "/api/v1/tokens/connections/\(made.id)/refresh"
            ).decode()
            try await until {
                try await connecting.system.count(
                    "SELECT count(*) FROM jobs WHERE id = '\(renewal.id)' AND state = 'scheduled' AND attempt = 1") == 1
            }
            let gone: APIClient.JobView = try await ada.send("DELETE", "/api/v1/integrations/\(made.id)").decode()
            #expect(try await ada.end(of: gone.id.description).state == .succeeded)
            #expect(try await ada.end(of: renewal.id.description).state == .cancelled)
            #expect(try await connecting.liveTokens(at: "google") == 0)
        }
    }

    @Test func `an account that two workspaces have connected is revoked by the last of them`() async throws {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            let bob = try await connecting.person("bob@example.com")
            let (one, other) = (try await ada.connectToTheEnd("google"), try await bob.connectToTheEnd("google"))
            #expect(try await isRevoked(one, by: ada, connecting) == "false")
            let renewal: APIClient.JobView = try await bob.send(
                "POST", "/api/v1/tokens/connections/\(other.id)/refresh"
            ).decode()
            #expect(try await bob.end(of: renewal.id.description).state == .succeeded)
            #expect(try await bob.connections().map(\.state) == ["active"])
            #expect(try await isRevoked(other, by: bob, connecting) == "true")
            #expect(try await connecting.liveTokens(at: "google") == 0)
        }
    }

    @Test func `an account that is connected again is renewed, whatever rested for its old tokens`() async throws {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            let made = try await ada.connectToTheEnd("google")
            let path = "/api/v1/tokens/connections/\(made.id)/refresh"
            try await connecting.simulate(
                "POST", "faults",
                #"{"kind":"status:503","provider":"google","grant":"refresh_token","times":1,"retry_after":"600"}"#)
            let rests: APIClient.JobView = try await ada.send("POST", path).decode()
            try await until {
                try await connecting.system.count(
                    "SELECT count(*) FROM jobs WHERE id = '\(rests.id)' AND state = 'scheduled' AND attempt = 1") == 1
            }
            #expect(try await ada.connectToTheEnd("google").id == made.id)
            #expect(try await ada.end(of: rests.id.description).state == .cancelled)
            let renewal: APIClient.JobView = try await ada.send("POST", path).decode()
            #expect(renewal.id != rests.id)
            #expect(try await ada.end(of: renewal.id.description).state == .succeeded)
        }
    }

    @Test func `tokens that are not kept end no other workspace's connection of the account`() async throws {
        try await ConnectSystem.with { connecting in
            let (ada, bob) = (
                try await connecting.person("ada@example.com"), try await connecting.person("bob@example.com")
            )
            let made = try await ada.connectToTheEnd("google")
            let consented = try await bob.consent(try await bob.connect("google"))
            // As many as a workspace may have, while he is there.
            try await connecting.system.owner.script(
                """
                INSERT INTO connections (id, tenant_id, provider, host, account_id, account_name, scopes, access_token)
                SELECT gen_random_uuid(), users.id, 'notion', '', 'account ' || number, 'x', '{}', access_token
                FROM users, connections, generate_series(1, 100) AS number
                WHERE email = 'bob@example.com' AND connections.id = '\(made.id)'
                """)
            let before = try await connecting.liveTokens(at: "google")
            let address = try #require(try await bob.comeBack(consented).address)
            let job = try #require(URLComponents(string: address)?.queryItems?.first { $0.name == "job" }?.value)
            #expect(try await bob.end(of: job).state == .failed)
            #expect(try await connecting.liveTokens(at: "google") >= before)
            let path = "/api/v1/tokens/connections/\(made.id)/refresh"
            let renewal: APIClient.JobView = try await ada.send("POST", path).decode()
            #expect(try await ada.end(of: renewal.id.description).state == .succeeded)
            #expect(try await ada.connections().map(\.state) == ["active"])
        }
    }

    @Test func `an account is not erased before a worker can take it back at its providers`() async throws {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            try await ada.connectToTheEnd("google")
            _ = try await connecting.system.startWorker(queues: "default", [:])
            let body = #"{"current_password":"\#(AccountSystem.password)"}"#
            #expect(try await ada.send("DELETE", "/api/v1/auth/me", body).status == 204)
            try await until {
                try await connecting.system.count(
                    """
                    SELECT count(*) FROM jobs WHERE kind = 'account.erase' AND state = 'scheduled'
                    AND failure->>'code' = 'connections_off'
                    """) == 1
            }
            #expect(try await connecting.system.count("SELECT count(*) FROM connections") == 1)
            #expect(try await connecting.liveTokens(at: "google") > 0)
        }
    }

    /// What the job says that ends a connection.
    private func isRevoked(
        _ connection: Browser.Connection, by person: Browser, _ connecting: ConnectSystem
    ) async throws -> String {
        let job: APIClient.JobView = try await person.send("DELETE", "/api/v1/integrations/\(connection.id)").decode()
        #expect(try await person.end(of: job.id.description).state == .succeeded)
        let said = Statement("test.revoked", "SELECT result->>'revoked' FROM jobs WHERE id = $1")
        return try await connecting.system.owner.query(said, [.uuid(job.id.uuid)])[0].text(0)
    }

    @Test func `an account that is erased is taken back at its providers`() async throws {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            for provider in ["google", "notion"] { try await ada.connectToTheEnd(provider) }
            let settings = ConnectSystem.connecting(connecting.system)
            _ = try await connecting.system.startWorker(queues: "default", settings)
            let body = #"{"current_password":"\#(AccountSystem.password)"}"#
            #expect(try await ada.send("DELETE", "/api/v1/auth/me", body).status == 204)
            try await until {
                try await connecting.system.count(
                    "SELECT count(*) FROM jobs WHERE kind = 'account.erase' AND state = 'succeeded'") == 1
            }
            for provider in ["google", "notion"] { #expect(try await connecting.liveTokens(at: provider) == 0) }
            for table in ["connections", "data_keys"] {
                #expect(try await connecting.system.count("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    private func until(_ test: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while try await !test() {
            try #require(ContinuousClock.now < deadline, "it did not come about")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
