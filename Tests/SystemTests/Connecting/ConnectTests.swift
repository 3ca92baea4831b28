import Domain
import Foundation
import HTTPTransport
import Postgres
import TestSupport
import Testing

/// Connecting accounts, with whole processes: browser, gateway, worker and provider.
@Suite(.serialized, .timeLimit(.minutes(6))) struct ConnectTests {
    private static let hosts = ["canvas": #"{"host":"school.instructure.com"}"#]

    @Test(arguments: ConnectSystem.providers)
    func `an account is connected, shown without its tokens, and disconnected`(_ provider: String) async throws {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            let made = try await ada.connectToTheEnd(provider, Self.hosts[provider] ?? "{}")
            #expect(made.state == "active" && made.message == "Connected as \(made.account_name).")
            #expect(!made.account_name.isEmpty && !made.features.isEmpty)
            #expect(try await connecting.liveTokens(at: provider) > 0)
            for path in ["/integrations", "/tokens/connections", "/tokens/connections/\(made.id)"] {
                let text = try await ada.send("GET", "/api/v1\(path)").text
                #expect(text.contains(made.id.description) && !text.contains("token\""))
            }
            let gone = try await ada.send("DELETE", "/api/v1/integrations/\(made.id)")
            #expect(gone.status == 202)
            let job: APIClient.JobView = try gone.decode()
            #expect(try await ada.end(of: job.id.description).state == .succeeded)
            #expect(try await ada.connections().isEmpty)
            // Microsoft lets nobody revoke: https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens
            if provider != "microsoft" { #expect(try await connecting.liveTokens(at: provider) == 0) }
        }
    }

    @Test func `an account that is connected again while it is being revoked is not shown as good`() async throws {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            let made = try await ada.connectToTheEnd("google")
            try await connecting.simulate(
                "POST", "faults", #"{"kind":"pause","provider":"google","endpoint":"revoke","times":1}"#)
            let gone: APIClient.JobView = try await ada.send("DELETE", "/api/v1/integrations/\(made.id)").decode()
            try await connecting.simulate("GET", "calls?paused=true&wait=30")
            #expect(try await ada.connectToTheEnd("google").id == made.id)
            try await connecting.simulate("POST", "resume")
            #expect(try await ada.end(of: gone.id.description).state == .succeeded)
            // Google ends everything that the person has allowed: a renewal finds that out.
            let find = Statement("test.renewal", "SELECT id FROM jobs WHERE kind = 'token.renew'")
            let renewal = JobID(try await connecting.system.owner.query(find)[0].uuid(0))
            #expect(try await ada.end(of: renewal.description).state == .succeeded)
            #expect(try await ada.connections().map(\.state) == ["needs_reconnect"])
        }
    }

    @Test func `a person may grant less than was asked for`() async throws {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            let calendar = "https://www.googleapis.com/auth/calendar"
            let granted = "\(calendar).events%20\(calendar).calendarlist.readonly"
            let made = try await ada.connectToTheEnd(
                "google", #"{"features":["calendar","mail"]}"#, "auto=allow&account=ada&grant=\(granted)")
            #expect(made.features == ["calendar"])
            #expect(made.scopes.contains("\(calendar).events") && !made.scopes.contains { $0.contains("gmail") })
        }
    }

    @Test func `connecting again keeps the connection, offers its account and asks for what was granted`() async throws
    {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            let first = try await ada.connectToTheEnd("google", #"{"features":["sheets"]}"#)
            let page = try await ada.connect("google", #"{"connection_id":"\#(first.id)","features":["calendar"]}"#)
            let query = try #require(URLComponents(string: page)?.queryItems)
            let asked = query.reduce(into: [:]) { $0[$1.name] = $1.value }
            #expect(asked["login_hint"] == first.account_name)
            #expect(asked["scope"]?.contains("drive.file") == true)
            #expect(asked["scope"]?.contains("calendar.events") == true)
            let again = try await ada.connectToTheEnd(
                "google", #"{"connection_id":"\#(first.id)","features":["calendar"]}"#)
            #expect(again.id == first.id)
            #expect(Set(again.features) == ["calendar", "sheets"])
            #expect(try await ada.connections().count == 1)
            let other = try await ada.send(
                "POST", "/api/v1/integrations/notion/connect", #"{"connection_id":"\#(first.id)"}"#)
            #expect(other.status == 422)
        }
    }

    @Test func `a connection is checked and renewed on demand`() async throws {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            let made = try await ada.connectToTheEnd("google")
            for path in ["integrations/\(made.id)/check", "tokens/connections/\(made.id)/refresh"] {
                let answer = try await ada.send("POST", "/api/v1/\(path)")
                #expect(answer.status == 202, "\(answer.text)")
                let job: APIClient.JobView = try answer.decode()
                #expect(try await ada.end(of: job.id.description).state == .succeeded)
            }
            let status = try await ada.send("GET", "/api/v1/integrations/google/status")
            #expect(status.text.contains(#""state":"active""#) && status.text.contains(#""available":true"#))
            let none = try await ada.send("GET", "/api/v1/integrations/notion/status")
            #expect(none.text.contains(#""state":"not_connected""#))
            #expect(try await ada.send("GET", "/api/v1/integrations/nobody/status").status == 404)
        }
    }

    @Test func `what is available is what is registered`() async throws {
        try await ConnectSystem.with(["NOTION_CLIENT_ID": ""], worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let text = try await ada.send("GET", "/api/v1/integrations/available").text
            for name in ["google", "microsoft", "canvas"] { #expect(text.contains(#""name":"\#(name)""#)) }
            #expect(!text.contains("notion"))
            #expect(try await ada.send("POST", "/api/v1/integrations/notion/connect", "{}").status == 404)
            // Canvas is where its school is; the others are in one place.
            #expect(try await ada.send("POST", "/api/v1/integrations/canvas/connect", "{}").status == 422)
            let local = #"{"host":"127.0.0.1"}"#
            #expect(try await ada.send("POST", "/api/v1/integrations/canvas/connect", local).status == 422)
            #expect(try await ada.send("POST", "/api/v1/integrations/google/connect", local).status == 422)
            let foreign = try await ada.send(
                "POST", "/api/v1/integrations/canvas/connect", #"{"host":"canvas.example.org"}"#)
            #expect(foreign.status == 422 && foreign.text.contains("CANVAS_HOSTS"))
            let unknown = #"{"features":["everything"]}"#
            #expect(try await ada.send("POST", "/api/v1/integrations/google/connect", unknown).status == 422)
        }
    }

    @Test func `without a master key nothing can be connected, and it says what to set`() async throws {
        try await AccountSystem.with { accounts in
            let (_, tokens) = try await accounts.person("ada@example.com")
            for path in ["/integrations", "/integrations/available", "/tokens/connections"] {
                let answer = try await accounts.send("GET", path, nil, tokens.access_token)
                let problem: AccountSystem.Problem = try answer.decode()
                #expect(answer.status == 404 && problem.code == "connections_off")
                #expect(problem.detail.contains("MASTER_KEYS"))
            }
        }
    }
}
