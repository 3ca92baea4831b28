import Domain
import Foundation
import Postgres
import Store
import TestSupport
import Testing

/// Random histories of calendars, with everything that goes wrong on the way. Each account's calendar has a history of
/// its own, made from the seed alone.
///
/// ERRAND_HISTORIES: how many (60); ERRAND_ROUNDS: of changes to each (6); ERRAND_SEED: replays a run.
@Suite(.serialized, .timeLimit(.minutes(60))) struct ConvergenceTests {
    private static func number(_ name: String, _ value: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? value
    }

    @Test func `mirrors end as their calendars are, whatever happened on the way`() async throws {
        let (count, rounds) = (Self.number("ERRAND_HISTORIES", 60), Self.number("ERRAND_ROUNDS", 6))
        let seed = Self.number("ERRAND_SEED", Int.random(in: 1...1_000_000))
        try await CalendarSystem.with { system in
            var random = Seeded(UInt64(seed))
            let accounts = (0..<count).map { "history\($0)" }
            try await system.populate(accounts, events: 10, seed: seed)
            let (_, _, address) = try await system.startGateway()
            let settings = [
                "CALENDAR_POLL_SECONDS": "5", "CALENDAR_WATCHED_POLL_SECONDS": "8", "CALENDAR_LIST_POLL_SECONDS": "20",
                "CALENDAR_NOTIFICATIONS_URL": address, "WORKER_DEAD_AFTER_SECONDS": "2",
                "GOOGLE_CALENDAR_QUOTA_PROJECT": "1000000", "GOOGLE_CALENDAR_QUOTA_USER": "100000",
                // Processes that a test kills are not what a job is to be blamed for.
                "WORKER_QUARANTINE_AFTER": "100",
            ]
            var workers = [try await system.startWorker(settings), try await system.startWorker(settings)]
            var connections: [Connection] = []
            for account in accounts { connections.append(try await system.connect(account)) }
            try await makeWeather(system, seed)
            var kills = 0
            for round in 0..<rounds {
                try await sweep(system)
                for (place, account) in accounts.enumerated() {
                    let changes = Int.random(in: 1...6, using: &random)
                    try await system.mutate(account, count: changes, seed: seed &+ round &* 1_000_003 &+ place)
                    if Int.random(in: 0..<6, using: &random) == 0 {
                        try await system.control("POST", "expire", #"{"account":"\#(account)"}"#)
                    }
                    if place % max(2, accounts.count / 3) == 1 {
                        let victim = workers.remove(at: Int.random(in: 0..<workers.count, using: &random))
                        await victim.killNow()
                        kills += 1
                        workers.append(try await system.startWorker(settings))
                    }
                }
            }
            try await system.control("DELETE", "faults")
            let mirrors = try await settle(system, accounts, connections, seed)
            let report = try await report(system)
            print(
                """
                seed \(seed): \(count) histories of \(rounds) rounds, \(mirrors) events compared, \(kills) kills, \
                \(report)
                """)
            let failures = try await failures(system)
            #expect(failures.isEmpty, "\(failures)")
            try await expectNoSecret(system)
        }
    }

    /// Neither a token nor the secret of a channel is anywhere, though all of them were used.
    private func expectNoSecret(_ system: CalendarSystem) async throws {
        struct Channels: Decodable { var channels: [Listed] }
        struct Listed: Decodable { var channel: Channel }
        struct Channel: Decodable { var id, token: String }
        let channels = try JSONDecoder().decode(
            Channels.self, from: try await system.control("GET", "channels")
        ).channels.map(\.channel)
        let secrets = try await system.renewals.tokens("").map(\.value) + channels.map(\.token)
        let remains = try await Remains.of(system.system)
        // What is searched holds what it should.
        #expect(channels.contains { remains.holding($0.id).contains("calendar_channels") })
        #expect(Set(remains.holding("calendar.sync")).isSuperset(of: ["jobs", "logs"]))
        for secret in secrets { #expect(remains.holding(secret).isEmpty) }
        print("\(secrets.count) tokens and secrets, \(remains.byteCount) bytes searched: 0 hits")
    }

    /// Jobs that were given up, by kind and reason.
    private func failures(_ system: CalendarSystem) async throws -> [String] {
        let statement = Statement(
            "test.failures", "SELECT kind || ' ' || failure::text FROM jobs WHERE state = 'failed' ORDER BY 1 LIMIT 20")
        return try await system.system.owner.query(statement, []).map { try $0.text(0) }
    }

    private func makeWeather(_ system: CalendarSystem, _ seed: Int) async throws {
        try await system.control("POST", "pages", #"{"cap":7,"random":true,"empty":0.15,"seed":\#(seed)}"#)
        try await system.control(
            "POST", "notifications", #"{"loss":0.3,"duplication":0.3,"delay_ms":200,"seed":\#(seed)}"#)
        for (kind, probability) in [
            ("unavailable", 0.02), ("cut_before", 0.02), ("cut_after", 0.02), ("malformed", 0.01), ("slow:300", 0.05),
            ("rate_limited", 0.003), ("html:502", 0.01),
        ] {
            try await system.fault(kind, #""times":1000000,"probability":\#(probability),"seed":\#(seed)"#)
        }
    }

    private func sweep(_ system: CalendarSystem) async throws {
        let swept = try await system.system.operate("sweep", "calendars")
        try #require(swept.status == 0, "\(swept.output)")
    }

    /// Until every mirror is as its calendar, with nothing but what runs by itself.
    /// - Returns: how many events were compared.
    private func settle(
        _ system: CalendarSystem, _ accounts: [String], _ connections: [Connection], _ seed: Int
    ) async throws -> Int {
        // Those that were refused often rest for minutes.
        let deadline = ContinuousClock.now + .seconds(240 + accounts.count / 2)
        var left = Array(zip(accounts, connections))
        var compared = 0
        while true {
            try await sweep(system)
            var still: [(String, Connection)] = []
            var example = ""
            for (account, connection) in left {
                let truth = try await system.truth(account)
                let calendar = try await system.calendars.list(of: connection.tenant).first { $0.isPrimary }
                var differences = ["it was not read"]
                if let calendar {
                    differences = CalendarSystem.differences(truth, try await system.mirror(calendar))
                }
                if differences.isEmpty {
                    compared += truth.count
                } else {
                    still.append((account, connection))
                    example = "\(account): \(differences.prefix(5)), \(calendar.map { "\($0.state)" } ?? "")"
                }
            }
            left = still
            if left.isEmpty { return compared }
            try #require(ContinuousClock.now < deadline, "seed \(seed): \(left.count) differ, such as \(example)")
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func report(_ system: CalendarSystem) async throws -> String {
        let syncs = try await system.system.count(
            "SELECT count(*) FROM jobs WHERE kind = 'calendar.sync' AND state = 'succeeded'")
        let full = try await system.system.count(
            """
            SELECT count(*) FROM jobs WHERE kind = 'calendar.sync' AND state = 'succeeded' AND (result->>'full')::bool
            """)
        let attempts = try await system.system.count(
            "SELECT coalesce(sum(attempt), 0)::bigint FROM jobs WHERE kind = 'calendar.sync'")
        let stuck = try await system.system.count(
            "SELECT count(*) FROM jobs WHERE state = 'running' AND started_at < now() - interval '30 seconds'")
        let told = String(decoding: try await system.control("GET", "notifications"), as: UTF8.self)
        return "\(syncs) syncs (\(full) full) in \(attempts) attempts, \(stuck) stuck; notifications \(told)"
    }
}
