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
