import Domain
import Foundation
import HTTPTransport
import Postgres
import TestSupport
import Testing
import Vault

/// Every route as the wrong tenant, by real sign-ins and keys, over real HTTP. The routes are those that the running
/// gateway has: one without a probe fails.
@Suite(.serialized) struct RouteIsolationTests {
    /// Credentials of one kind, and the workspace they act in.
    private struct Visitor: Sendable {
        let name: String
        let client: APIClient
        var headers: [(name: String, value: String)] = []
    }

    private struct Stage: Sendable {
        let system: TestSystem
        let routes: [String]
        let anybody: APIClient
        let mine: SignedUp
        let theirs: SignedUp
        let visitors: [Visitor]
    }

    private static func onStage(_ body: @Sendable (Stage) async throws -> Void) async throws {
        var settings = SignedUp.settings.merging(["LOG_LEVEL": "debug", "AGENT_TOKENS": "on"]) { $1 }
        for limit in ["IP", "USER", "KEY", "LOGIN", "EXECUTE", "WEBHOOK"] { settings["RATE_LIMIT_\(limit)"] = "off" }
        try await AccountSystem.with(.es256, settings) { accounts in
            let (gateway, client) = (accounts.gateway, accounts.client)
            let routes = gateway.lines.filter { $0.hasSuffix(" route") }.compactMap { line in
                line.firstMatch(of: /method=([A-Z]+) path=(\S+)/).map { "\($0.1) \($0.2)" }
            }
            let anybody = APIClient(transport: client.transport, base: client.base, key: "nothing")
            var (mine, theirs) = (try await SignedUp.make(anybody), try await SignedUp.make(anybody))
            try await mine.connect(accounts.system.owner)
            try await theirs.connect(accounts.system.owner)
            let own = mine.client(anybody)
            let visitors = [
                Visitor(name: "person", client: own),
                Visitor(name: "person in company", client: own, headers: [("X-Company-Id", mine.company)]),
                Visitor(
                    name: "key",
                    client: APIClient(transport: client.transport, base: client.base, key: mine["secret"])),
                Visitor(name: "stranger", client: anybody),
            ]
            try await body(
                Stage(
                    system: accounts.system, routes: routes.sorted(), anybody: anybody, mine: mine, theirs: theirs,
                    visitors: visitors))
        }
    }

    @Test func `every route as the wrong tenant shows nothing and changes nothing`() async throws {
        try await Self.onStage { stage in
            #expect(stage.routes.count > 60)
            for route in stage.routes where RouteProbe.all[route] == nil { Issue.record("no probe of \(route)") }
            let before = try await Self.fingerprint(stage)
            var tally = Tally()
            for isLast in [false, true] {
                for visitor in stage.visitors {
                    for route in stage.routes {
                        guard let probe = RouteProbe.all[route], probe.isLast == isLast else { continue }
                        try await Self.run(probe, route, as: visitor, stage, &tally)
                    }
                }
            }
            let after = try await Self.fingerprint(stage)
            for (table, text) in before where after[table] != text { tally.leaks.append("\(table) was changed") }
            print("\(stage.routes.count) routes, \(tally.requests) requests, \(tally.leaks.count) leaks")
            #expect(tally.leaks.isEmpty, "\(tally.leaks.joined(separator: "\n"))")
            #expect(tally.requests > 400)
        }
    }

    /// Whoever owns what the probes name does reach it: they find nothing because of who asks, not for a wrong path.
    @Test func `the same requests reach their mark when its owner makes them`() async throws {
        try await Self.onStage { stage in
            let theirs = stage.theirs
            let owner = theirs.client(stage.anybody)
            var reached = 0
            // What ends something comes behind what looks at it, the session last.
            let ends = { (route: String) in
                let methods = ["GET", "PATCH", "POST", "DELETE"]
                let rank = methods.firstIndex { route.hasPrefix($0) } ?? 0
                return route == "DELETE /api/v1/companies/{id}" ? 4 : route.contains("/sessions/") ? 5 : rank
            }
            for route in stage.routes.sorted(by: { ends($0) < ends($1) }) {
                guard let probe = RouteProbe.all[route], case .named(let places) = probe.kind, let place = places.first
                else { continue }
                let parts = route.split(separator: " ", maxSplits: 1).map(String.init)
                var path = parts[1]
                for (name, value) in place(theirs, theirs) { path = path.replacing("{\(name)}", with: value) }
                // A stream would be followed for as long as its job waits.
                guard !path.hasSuffix("/events") else { continue }
                let isPersonal = path.contains("/auth/") || path.contains("/companies/")
                // Tokens are for keys alone.
                let client =
                    path.hasSuffix("/token")
                    ? APIClient(transport: owner.transport, base: owner.base, key: theirs["secret"]) : owner
                let answer = try await client.send(
                    parts[0], path, body: probe.body?(theirs, theirs),
                    headers: isPersonal ? [] : [("X-Company-Id", theirs.company)])
                #expect(answer.status < 300 || answer.status == 409, "\(route): \(answer.text)")
                reached += 1
            }
            #expect(reached > 25, "\(reached)")
        }
    }

    private struct Tally {
        var requests = 0
        var leaks: [String] = []
    }

    private static func run(
        _ probe: RouteProbe, _ route: String, as visitor: Visitor, _ stage: Stage, _ tally: inout Tally
    ) async throws {
        let nobody = SignedUp.nobody()
        switch probe.kind {
        case .named(let places):
            for place in places {
                let there = try await send(probe, route, place(stage.mine, stage.theirs), visitor, stage, &tally)
                let nowhere = try await send(probe, route, place(stage.mine, nobody), visitor, stage, &tally)
                if there.answer != nowhere.answer {
                    tally.leaks.append("\(visitor.name) \(route): \(there) \(nowhere)")
                }
                if ![401, 403, 404].contains(there.answer.status) {
                    tally.leaks.append("\(visitor.name) \(route): \(there)")
                }
            }
        case .own:
            _ = try await send(
                probe, route,
                ["id": route.contains("/integrations/") ? "google" : nobody["task"], "name": nobody.mark],
                visitor, stage, &tally)
        case .operators:
            let found = try await send(probe, route, ["name": "default"], visitor, stage, &tally)
            if ![401, 403].contains(found.answer.status) { tally.leaks.append("\(visitor.name) \(route): \(found)") }
        }
    }

    private struct Found: CustomStringConvertible {
        let answer: Answer
        let text: String
        var description: String { "\(answer.status) \(text.prefix(300))" }
    }

    /// An answer as far as it must be the same.
    private struct Answer: Equatable {
        let status: Int
        let headers: [String]
        let body: String

        init(_ answer: APIClient.Answer) {
            status = answer.status
            headers = answer.headers.fields.filter { !["date", "x-request-id"].contains($0.name.lowercased()) }
                .map { "\($0.name.lowercased()): \($0.value)" }.sorted()
            body = answer.text.replacing(/"request_id":"[^"]*"/, with: "")
        }
    }

    /// Sends, and looks for what is theirs in the answer.
    private static func send(
        _ probe: RouteProbe, _ route: String, _ parameters: [String: String], _ visitor: Visitor, _ stage: Stage,
        _ tally: inout Tally
    ) async throws -> Found {
        let parts = route.split(separator: " ", maxSplits: 1).map(String.init)
        var path = parts[1]
        for (name, value) in parameters { path = path.replacing("{\(name)}", with: value) }
        path += probe.query?(stage.theirs) ?? ""
        let answer = try await visitor.client.send(
            parts[0], path, body: probe.body?(stage.mine, stage.theirs), headers: visitor.headers)
        tally.requests += 1
        let shown = answer.headers.fields.map(\.value).joined(separator: " ") + answer.text
        for secret in stage.theirs.secrets where shown.contains(secret) && !path.contains(secret) {
            tally.leaks.append("\(visitor.name) \(route) shows \(secret)")
        }
        if answer.status >= 500, answer.status != 503 {
            tally.leaks.append("\(route): \(answer.status) \(answer.text)")
        }
        return Found(answer: Answer(answer), text: answer.text)
    }

    @Test func `another's company in the header is as one that does not exist`() async throws {
        try await Self.onStage { stage in
            let own = stage.mine.client(stage.anybody)
            let nobody = UserID.make().description
            var compared = 0
            for route in stage.routes where route.contains(" /api/v1/") {
                guard let probe = RouteProbe.all[route], !probe.isLast else { continue }
                let parts = route.split(separator: " ", maxSplits: 1).map(String.init)
                let path = parts[1].replacing(/\{[a-z]+\}/, with: stage.theirs["task"])
                let body = probe.body?(stage.mine, stage.theirs)
                func answer(_ company: String) async throws -> Answer {
                    Answer(try await own.send(parts[0], path, body: body, headers: [("X-Company-Id", company)]))
                }
                let (theirs, none) = (try await answer(stage.theirs.company), try await answer(nobody))
                #expect(theirs == none, "\(route)")
                if theirs.body.contains("company_not_found") { compared += 1 }
            }
            #expect(compared > 40, "\(compared)")
        }
    }

    /// What a body names is looked for among one's own.
    @Test func `another's id in a body, a cursor or a key is as one that does not exist`() async throws {
        try await Self.onStage { stage in
            let (mine, theirs) = (stage.mine, stage.theirs)
            let own = mine.client(stage.anybody)
            func body(_ method: String, _ path: String, _ make: (SignedUp) -> String) async throws {
                let nobody = SignedUp.nobody()
                for headers in [[], [(name: "X-Company-Id", value: mine.company)]] {
                    let there = try await own.send(method, path, body: make(theirs), headers: headers)
                    let nowhere = try await own.send(method, path, body: make(nobody), headers: headers)
                    #expect(Answer(there) == Answer(nowhere), "\(method) \(path): \(there.text)")
                    #expect((400..<500).contains(there.status), "\(method) \(path): \(there.text)")
                }
            }
            func look(_ path: String, _ id: (SignedUp) -> String) async throws {
                let nobody = SignedUp.nobody()
                for headers in [[], [(name: "X-Company-Id", value: mine.company)]] {
                    let there = try await own.send("GET", path + id(theirs), headers: headers)
                    let nowhere = try await own.send("GET", path + id(nobody), headers: headers)
                    #expect(Answer(there) == Answer(nowhere) && there.status == 404, "\(path): \(there.text)")
                }
            }
            try await body("POST", "/api/v1/chat/messages") {
                #"{"message":"hello","conversation_id":"\#($0["conversation"])"}"#
            }
            try await body("POST", "/api/v1/tasks") { #"{"title":"x","owner_id":"\#($0.user)"}"# }
            try await body("POST", "/api/v1/integrations/google/connect") {
                #"{"connection_id":"\#($0["connection"])"}"#
            }
            for path in ["events", "free-busy"] {
                try await look("/api/v1/\(path)?from=2026-01-01&to=2026-02-01&calendar_id=") { $0["calendar"] }
            }
            for task in [mine["task"], mine["own_task"]] {
                try await body("PATCH", "/api/v1/tasks/\(task)") { #"{"owner_id":"\#($0.user)"}"# }
            }
            // The same Idempotency-Key is another one for another tenant.
            let made = try await own.send(
                "POST", "/api/v1/jobs", body: #"{"kind":"noop"}"#,
                headers: [("X-Company-Id", mine.company), ("Idempotency-Key", "the-same-key")])
            #expect(made.headers.first("idempotency-replayed") == "true")
            #expect(made.text.contains(mine["job"]) && !made.text.contains(theirs["job"]))
            // Who has an account with an address is not told.
            for path in ["jwt/login", "forgot-password", "request-verify-token"] {
                func answer(_ email: String) async throws -> Answer {
                    Answer(
                        try await stage.anybody.send(
                            "POST", "/api/v1/auth/\(path)", body: #"{"email":"\#(email)","password":"wrong"}"#))
                }
                #expect(try await answer(theirs.email) == answer("nobody@example.com"), "\(path)")
            }
        }
    }

    /// The rows that name what is theirs, as one text a table.
    private static func fingerprint(_ stage: Stage) async throws -> [String: String] {
        let owner = stage.system.owner
        let tables = Statement(
            "test.tables",
            """
            SELECT relname::text FROM pg_class
            WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY 1
            """)
        var all: [String: String] = [:]
        for row in try await owner.query(tables) {
            let table = try row.text(0)
            let digest = Statement(
                "test.digest.\(table)",
                """
                SELECT coalesce(md5(string_agg(item::text, '|' ORDER BY item::text)), 'none') FROM \(table) AS item
                WHERE EXISTS (SELECT FROM unnest($1::text[]) AS id WHERE position(id IN item::text) > 0)
                """)
            all[table] = try await owner.query(digest, [.texts(stage.theirs.secrets)])[0].text(0)
        }
        return all
    }
}
