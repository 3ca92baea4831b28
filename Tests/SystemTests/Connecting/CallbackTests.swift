import Domain
import Foundation
import HTTPTransport
import Postgres
import TestSupport
import Testing

/// What a browser brings back from a provider, and who must not bring it.
@Suite(.serialized, .timeLimit(.minutes(6))) struct CallbackTests {
    private static let over = "/?view=connections&error=authorization_over"

    @Test func `a state whose code was redeemed is forgotten`() async throws {
        try await ConnectSystem.with { connecting in
            let ada = try await connecting.person("ada@example.com")
            let path = try await ada.consent(ada.connect("google"))
            let job = try #require(try await ada.comeBack(path).address?.firstMatch(of: /job=([0-9a-f-]+)/)?.1)
            #expect(try await ada.end(of: String(job)).state == .succeeded)
            let again = try await ada.comeBack(path)
            #expect(again.status == 400 && again.text.contains("There is nothing to finish here"))
            #expect(try await connecting.jobCount("connection.complete") == 1)
            #expect(try await ada.connections().count == 1)
        }
    }

    @Test func `a state is good once`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let path = try await ada.consent(ada.connect("google"))
            let first = try await ada.comeBack(path)
            #expect(first.status == 303 && first.address?.hasPrefix("/?view=connections&job=") == true)
            for _ in 0..<2 {
                let again = try await ada.comeBack(path)
                #expect(again.status == 303 && again.address == Self.over)
            }
            #expect(try await connecting.jobCount("connection.complete") == 1)
        }
    }

    @Test func `of many returns at once one is taken`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let path = try await ada.consent(ada.connect("google"))
            let addresses = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<20 {
                    let refused = path.replacing(/code=[^&]*/, with: "error=access_denied")
                    group.addTask { try await ada.comeBack(number.isMultiple(of: 2) ? path : refused).address }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(addresses.filter { $0 == Self.over }.count == 19)
            let taken = addresses.filter { $0?.contains("job=") == true }.count
            #expect(taken == 1 || addresses.contains("/?view=connections&error=access_denied"))
            #expect(try await connecting.jobCount("connection.complete") == taken)
        }
    }

    @Test func `a request for the head alone uses nothing up`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let path = try await ada.consent(ada.connect("google"))
            #expect(try await ada.send("HEAD", path).status == 405)
            #expect(try await connecting.jobCount("connection.complete") == 0)
            #expect(try await ada.comeBack(path).address?.contains("job=") == true)
        }
    }

    @Test func `another browser is refused, and uses nothing up`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let path = try await ada.consent(ada.connect("google"))
            let nobody = Browser(connecting)
            let same = Browser(connecting)
            try await same.signIn("ada@example.com")
            _ = try await same.connect("google")
            let eve = try await connecting.person("eve@example.com")
            _ = try await eve.connect("google")
            for browser in [nobody, same, eve] {
                let answer = try await browser.comeBack(path)
                #expect(answer.status == 400 && answer.address == nil)
                #expect(answer.text.contains("There is nothing to finish here"))
            }
            #expect(try await connecting.jobCount("connection.complete") == 0)
            #expect(try await ada.comeBack(path).address?.contains("job=") == true)
        }
    }

    @Test func `another person at the same browser is refused`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let browser = try await connecting.person("ada@example.com")
            let path = try await browser.consent(browser.connect("google"))
            _ = try await connecting.accounts.register("eve@example.com")
            try await browser.signIn("eve@example.com")
            let answer = try await browser.comeBack(path)
            #expect(answer.status == 403 && answer.text.contains("Somebody else began this"))
            #expect(try await connecting.jobCount("connection.complete") == 0)
            try await browser.signIn("ada@example.com")
            #expect(try await browser.comeBack(path).address?.contains("job=") == true)
        }
    }

    @Test func `who was signed out on the way is let through by the browser's cookie`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let path = try await ada.consent(ada.connect("google"))
            _ = try await ada.send("POST", "/api/v1/auth/jwt/logout")
            #expect(try await ada.comeBack(path).address?.contains("job=") == true)
        }
    }

    @Test func `an answer of another issuer is not redeemed`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let path = try await ada.consent(ada.connect("google"))
            let forged = path.replacing(/iss=[^&]*/, with: "iss=https%3A%2F%2Fevil.example")
            try #require(forged != path)
            #expect(try await ada.comeBack(forged).address == "/?view=connections&error=wrong_issuer")
            #expect(try await ada.comeBack(path).address == Self.over)
            #expect(try await connecting.jobCount("connection.complete") == 0)
        }
    }

    @Test func `after 15 minutes a state is over`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let path = try await ada.consent(ada.connect("google"))
            let life = "SELECT extract(epoch FROM expires_at - created_at)::bigint FROM authorizations"
            #expect(try await connecting.system.count(life) == 900)
            let age = "UPDATE authorizations SET expires_at = now() - interval '1 second'"
            _ = try await connecting.system.owner.execute(Statement("test.age", age), [])
            #expect(try await ada.comeBack(path).address == Self.over)
            #expect(try await connecting.jobCount("connection.complete") == 0)
        }
    }

    @Test(arguments: ["google", "microsoft", "notion"])
    func `a person who says no is sent back with that`(_ provider: String) async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let path = try await ada.consent(ada.connect(provider), "auto=deny")
            #expect(try await ada.comeBack(path).address == "/?view=connections&error=access_denied")
            #expect(try await ada.comeBack(path).address == Self.over)
            let noted = "SELECT count(*) FROM audit_events WHERE action = 'connection.refused'"
            #expect(try await connecting.system.count(noted) == 1)
        }
    }

    @Test func `nothing that a provider writes is passed on`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let page = try await ada.connect("google")
            let state = try #require(page.firstMatch(of: /[?&]state=([A-Za-z0-9_-]+)/)?.1)
            let path = "/api/v1/integrations/callback?state=\(state)&error=%3Cb%3Eplanted&error_description=planted"
            #expect(try await ada.comeBack(path).address == "/?view=connections&error=provider_error")
            let stranger = try await Browser(connecting).comeBack(path)
            #expect(stranger.status == 400 && !stranger.text.contains("planted"))
            #expect(!connecting.accounts.gateway.lines.contains { $0.contains("planted") || $0.contains(state) })
        }
    }

    @Test func `who has lost their place in the company meanwhile connects nothing to it`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            let path = try await ada.consent(ada.connect("google"))
            let statement = Statement("test.suspend", "UPDATE users SET is_active = false")
            _ = try await connecting.system.owner.execute(statement, [])
            // Standings are a few seconds old at most; this account was never asked about without its session.
            let answer = try await ada.comeBack(path)
            #expect(answer.address == "/?view=connections&error=not_permitted")
            #expect(try await connecting.jobCount("connection.complete") == 0)
        }
    }

    @Test func `a browser goes back to allowed addresses alone`() async throws {
        try await ConnectSystem.with(["CORS_ORIGINS": "https://app.example.com"], worker: false) { connecting in
            let ada = try await connecting.person("ada@example.com")
            for address in ["/?view=tasks", "https://app.example.com/settings#accounts"] {
                let page = try await ada.connect("google", #"{"return_to":"\#(address)"}"#)
                let back = try await ada.comeBack(ada.consent(page, "auto=deny"))
                let (start, end) = (address.prefix { $0 != "#" }, address.drop { $0 != "#" })
                #expect(back.address == "\(start)\(start.contains("?") ? "&" : "?")error=access_denied\(end)")
            }
            let bad = [
                "https://evil.example", "//evil.example", "/\\\\evil.example", "/\\t/evil.example",
                "javascript:alert(1)",
                "https://app.example.com@evil.example", "https://app.example.com.evil.example", "/?job=1", "",
            ]
            for address in bad {
                let answer = try await ada.send(
                    "POST", "/api/v1/integrations/google/connect", #"{"return_to":"\#(address)"}"#)
                #expect(answer.status == 422, "\(address): \(answer.text)")
                #expect(!answer.text.contains("evil"))
            }
        }
    }
}
