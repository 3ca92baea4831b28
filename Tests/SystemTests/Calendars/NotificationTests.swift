import Domain
import Foundation
import HTTPTransport
import Jobs
import Postgres
import Store
import TestSupport
import Testing
import Vault

/// What Google tells, over real HTTP.
@Suite(.serialized, .timeLimit(.minutes(4))) struct NotificationTests {
    private static func notify(
        _ calendars: PlantedCalendars, _ headers: [String: String], body: [UInt8] = [], at client: APIClient? = nil
    ) async throws -> APIClient.Answer {
        let client = client ?? calendars.client
        let response = try await client.transport.send(
            HTTPRequest(
                method: "POST", url: client.base + "/api/v1/webhooks/google/calendar",
                headers: headers.map { (name: $0.key, value: $0.value) }, body: body))
        return APIClient.Answer(
            status: response.status, headers: response.headers, body: try await response.body.collect(upTo: 1 << 20))
    }

    private static func headers(_ channel: (id: ChannelID, secret: String), state: String = "exists") -> [String:
        String]
    {
        [
            "X-Goog-Channel-ID": "\(channel.id)", "X-Goog-Channel-Token": channel.secret,
            "X-Goog-Resource-ID": "resource-1", "X-Goog-Resource-State": state, "X-Goog-Message-Number": "7",
        ]
    }

    @Test func `a notification starts one sync, however often it comes`() async throws {
        try await PlantedCalendars.with { calendars in
            let id = try await calendars.calendar()
            let channel = try await calendars.channel(id)
            let first = try await Self.notify(calendars, Self.headers(channel, state: "sync"))
            #expect(first.status == 204 && first.body.isEmpty)
            #expect(try await calendars.jobs("calendar.sync") == 0)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await Self.notify(calendars, Self.headers(channel)).status }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses == [204])
            #expect(try await calendars.jobs("calendar.sync") == 1)
            let mine = """
                SELECT count(*) FROM jobs
                WHERE tenant_id = '\(calendars.system.tenant)' AND payload->>'calendar_id' = '\(id)'
                """
            #expect(try await calendars.system.count(mine) == 1)
        }
    }

    @Test func `whoever knows no channel's secret learns nothing, whatever is wrong`() async throws {
        try await PlantedCalendars.with { calendars in
            let id = try await calendars.calendar()
            let (channel, other) = (try await calendars.channel(id), try await calendars.channel(id))
            let right = Self.headers(channel)
            var bodies: Set<String> = []
            for (name, value) in [
                ("X-Goog-Channel-Token", RandomSecret.make().text), ("X-Goog-Channel-Token", nil),
                ("X-Goog-Channel-Token", other.secret), ("X-Goog-Channel-Token", channel.secret + "x"),
                ("X-Goog-Channel-ID", "\(ChannelID.make())"), ("X-Goog-Channel-ID", "mine"),
                ("X-Goog-Channel-ID", nil), ("X-Goog-Resource-ID", "resource-2"),
            ] {
                var wrong = right
                wrong[name] = value
                let answer = try await Self.notify(calendars, wrong)
                #expect(answer.status == 404, "\(name) \(value ?? "none")")
                bodies.insert(answer.text.replacing(/"request_id":"[^"]*"/, with: ""))
            }
            bodies.insert(try await Self.notify(calendars, [:]).text.replacing(/"request_id":"[^"]*"/, with: ""))
            #expect(bodies.count == 1, "\(bodies)")
            #expect(try await calendars.jobs("calendar.sync") == 0)
            // The answer that names the resource may come later than the first notification.
            let early = try await calendars.channel(id, resource: nil)
            #expect(try await Self.notify(calendars, Self.headers(early)).status == 204)
            #expect(!calendars.connecting.accounts.gateway.lines.contains { $0.contains(channel.secret) })
        }
    }

    @Test func `a body is not needed, and a large one not taken`() async throws {
        try await PlantedCalendars.with { calendars in
            let channel = try await calendars.channel(try await calendars.calendar())
            let headers = Self.headers(channel)
            #expect(try await Self.notify(calendars, headers, body: Array("{}".utf8)).status == 204)
            let large = [UInt8](repeating: 32, count: 1_025)
            #expect(try await Self.notify(calendars, headers, body: large).status == 413)
        }
    }

    @Test func `notifications have a limit of their own, which does not touch people at the same address`() async throws
    {
        let limits = ["RATE_LIMIT_WEBHOOK": "5/60", "RATE_LIMIT_IP": "3/60"]
        try await PlantedCalendars.with(limits) { calendars in
            let channel = try await calendars.channel(try await calendars.calendar())
            var statuses: [Int] = []
            for _ in 0..<6 { statuses.append(try await Self.notify(calendars, Self.headers(channel)).status) }
            #expect(statuses == [204, 204, 204, 204, 204, 429])
            #expect(try await calendars.connecting.accounts.open("POST", "/auth/refresh", "{}").status == 422)
        }
    }

    @Test func `without Redis nothing is lost, so that nothing need be sent again`() async throws {
        try await PlantedCalendars.with { calendars in
            let channel = try await calendars.channel(try await calendars.calendar())
            let settings = calendars.connecting.accounts.settings.merging(["REDIS_URL": "redis://127.0.0.1:1/0"]) { $1 }
            let (_, client) = try await calendars.system.startGateway(settings)
            let answer = try await Self.notify(calendars, Self.headers(channel), at: client)
            #expect(answer.status == 204, "\(answer.text)")
            #expect(try await calendars.jobs("calendar.sync") == 1)
        }
    }

    @Test func `what cannot be taken now is to be sent again`() async throws {
        try await PlantedCalendars.with { calendars in
            let channel = try await calendars.channel(try await calendars.calendar())
            try await calendars.system.owner.script("ALTER TABLE calendar_channels RENAME TO away")
            let away = try await Self.notify(calendars, Self.headers(channel))
            #expect(away.status == 503 && away.headers.first("retry-after") != nil, "\(away.text)")
            try await calendars.system.owner.script("ALTER TABLE away RENAME TO calendar_channels")
            #expect(try await Self.notify(calendars, Self.headers(channel)).status == 204)
        }
    }
}
