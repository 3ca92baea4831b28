import HTTPTypes
import Jobs
import Logging
import Redis
import TestSupport
import Testing

@testable import APIGateway

@Suite(.serialized, .timeLimit(.minutes(2))) struct RateLimiterTests {
    /// A limiter over the shared test Redis, below a prefix of its own.
    private static func with(
        _ limits: [RatePolicy: RateLimit], url: String? = nil, passWithoutRedis: Bool = true,
        _ body: @Sendable (RateLimiter, RedisClient) async throws -> Void
    ) async throws {
        let address = try url ?? TestStores.variable("TEST_REDIS_URL")
        let redis = RedisClient(
            configuration: try RedisConfiguration(url: address, commandTimeout: .seconds(2)), logger: TestStores.silent)
        var rules = RateLimits.off
        rules.limits = limits
        rules.passWithoutRedis = passWithoutRedis
        let limiter = RateLimiter(
            limits: rules, redis: redis, prefix: "test_\(UInt64.random(in: 0 ... .max))", logger: TestStores.silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await redis.run() }
            defer { group.cancelAll() }
            try await body(limiter, redis)
        }
    }

    @Test func `as many pass as the quota says, and no more`() async throws {
        try await Self.with([.ip: RateLimit(5, per: 3_600)]) { limiter, _ in
            let subject = RateLimiter.Subject.address("192.0.2.1")
            for left in [4, 3, 2, 1, 0] {
                guard case .passed(let windows) = await limiter.ask(subject, [.ip]) else {
                    Issue.record("refused with \(left) left")
                    return
                }
                #expect(windows.map(\.remaining) == [left])
            }
            guard case .refused(let windows) = await limiter.ask(subject, [.ip]) else {
                Issue.record("the sixth passed")
                return
            }
            #expect(windows[0].remaining == 0 && (1...3_600).contains(windows[0].seconds), "\(windows)")
            #expect(await limiter.ask(.address("192.0.2.2"), [.ip]).isPassed, "another address shares the window")
        }
    }

    @Test func `who comes again when told to passes`() async throws {
        try await Self.with([.ip: RateLimit(2, per: 3)]) { limiter, _ in
            var windows: [RateWindow]?
            while windows == nil {
                if case .refused(let full) = await limiter.ask(.address("192.0.2.1"), [.ip]) { windows = full }
            }
            let seconds = try #require(windows?.first?.seconds)
            #expect((1...3).contains(seconds))
            try await Task.sleep(for: .seconds(seconds))
            #expect(await limiter.ask(.address("192.0.2.1"), [.ip]).isPassed, "Retry-After was too early")
        }
    }

    @Test func `a refused request is counted in none of its windows`() async throws {
        try await Self.with([.user: RateLimit(10, per: 60), .execute: RateLimit(2, per: 60)]) { limiter, _ in
            let subject = RateLimiter.Subject.user("u")
            for _ in 0..<5 { _ = await limiter.ask(subject, [.user, .execute]) }
            guard case .passed(let windows) = await limiter.ask(subject, [.user]) else {
                Issue.record("the refused ones were counted")
                return
            }
            #expect(windows.map(\.remaining) == [7])
            guard case .refused(let both) = await limiter.ask(subject, [.user, .execute]) else {
                Issue.record("passed")
                return
            }
            #expect(Problem.quotaExceeded(both).violatedPolicies == ["execute"])
        }
    }

    @Test func `never more than the quota passes within any window, and nobody is refused while less has passed`()
        async throws
    {
        // A window of one second and a flood. Times of asking surround the time at which Redis counted, so every window
        // that could be cut out is looked at, however slow this machine is.
        let quota = 6
        try await Self.with([.ip: RateLimit(quota, per: 1)]) { limiter, _ in
            let start = ContinuousClock.now
            typealias Asked = (before: Duration, after: Duration, isPassed: Bool)
            let asked = await withTaskGroup(of: [Asked].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var asked: [Asked] = []
                        while ContinuousClock.now - start < .seconds(4) {
                            let before = ContinuousClock.now - start
                            let isPassed = await limiter.ask(.address("a"), [.ip]).isPassed
                            asked.append((before, ContinuousClock.now - start, isPassed))
                        }
                        return asked
                    }
                }
                return await group.reduce(into: [Asked]()) { $0 += $1 }
            }
            let passes = asked.filter(\.isPassed).sorted { $0.after < $1.after }
            let refusals = asked.filter { !$0.isPassed }
            for (index, first) in passes.enumerated() where index + quota < passes.count {
                #expect(
                    passes[index + quota].after - first.before > .seconds(1), "\(quota + 1) passed within a second")
            }
            // A window may be counted for one of its slots too long, and no longer.
            let longest = Duration.seconds(1) + .seconds(1) / RateLimit.slots
            for refusal in refusals {
                let counted = passes.filter { $0.after >= refusal.before - longest && $0.before <= refusal.after }
                #expect(counted.count >= quota, "refused after \(counted.count) of \(quota)")
            }
            #expect(passes.count > quota && !refusals.isEmpty)
        }
    }

    @Test func `nobody is told to wait longer than a whole window`() async throws {
        try await Self.with([.ip: RateLimit(3, per: 1)]) { limiter, _ in
            var seconds: [Bool: Set<Int>] = [:]
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .seconds(3) {
                switch await limiter.ask(.address("w"), [.ip]) {
                case .passed(let windows): seconds[true, default: []].formUnion(windows.map(\.seconds))
                case .refused(let windows): seconds[false, default: []].formUnion(windows.map(\.seconds))
                case .unknown: Issue.record("Redis is away")
                }
            }
            #expect(seconds == [true: [1], false: [1]])
        }
    }

    @Test func `a hundred callers at once get exactly the quota`() async throws {
        try await Self.with([.key: RateLimit(37, per: 60)]) { limiter, _ in
            let passed = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 { group.addTask { await limiter.ask(.key("k"), [.key]).isPassed } }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(passed == 37)
        }
    }

    @Test func `a window's memory is bounded and ends with it`() async throws {
        try await Self.with([.ip: RateLimit(1_000_000, per: 2)]) { limiter, redis in
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .seconds(3) { _ = await limiter.ask(.address("b"), [.ip]) }
            let key = RedisWord("\(limiter.prefix):{ip:b}:ip")
            let fields = try await redis.send(RedisCommand(["HLEN", key])).int ?? 0
            #expect((1...RateLimit.slots + 5).contains(fields))
            let lifetime = try await redis.send(RedisCommand(["PTTL", key])).int ?? 0
            #expect((1...2_200).contains(lifetime))
        }
    }

    @Test func `keys of one call share a slot of a cluster`() {
        let tag = RateLimiter.Subject.address("2001:db8::/64").tag
        #expect(!tag.contains("{") && !tag.contains("}") && !tag.isEmpty)
    }

    @Test func `while Redis is away nobody waits, and it is said`() async throws {
        let server = try PrivateRedis()
        let process = try await server.start()
        try await Self.with([.ip: RateLimit(5, per: 60)], url: server.url) { limiter, _ in
            #expect(await limiter.ask(.address("c"), [.ip]).isPassed)
            await process.killNow()
            _ = await limiter.ask(.address("c"), [.ip])
            let start = ContinuousClock.now
            for _ in 0..<100 { #expect(await limiter.ask(.address("c"), [.ip]) == .unknown) }
            #expect(ContinuousClock.now - start < .seconds(1))
            try await limiter.require([.init(subject: .address("c"), policies: [.ip])], RequestNotes())
            let again = try await server.start()
            while await limiter.ask(.address("c"), [.ip]) == .unknown { try await Task.sleep(for: .milliseconds(50)) }
            await again.killNow()
        }
    }

    @Test func `closed refuses with 503 while Redis is away`() async throws {
        let server = try PrivateRedis()
        try await Self.with([.ip: RateLimit(5, per: 60)], url: server.url, passWithoutRedis: false) { limiter, _ in
            let problem = await #expect(throws: Problem.self) {
                try await limiter.require([.init(subject: .address("d"), policies: [.ip])], RequestNotes())
            }
            #expect(problem?.status == .serviceUnavailable && problem?.headers[.retryAfter] == "2")
        }
    }

    @Test(
        arguments: [
            ("100/60", 100, 60), ("1/1", 1, 1), ("", nil, nil), ("100", nil, nil), ("0/60", nil, nil),
            ("1/0", nil, nil),
            ("-1/60", nil, nil), ("+1/60", nil, nil), ("1/60/2", nil, nil), ("1 /60", nil, nil),
            ("1/99999999", nil, nil),
        ] as [(String, Int?, Int?)])
    func `a limit is requests and seconds`(text: String, quota: Int?, seconds: Int?) {
        #expect(RateLimit(text)?.quota == quota)
        #expect(RateLimit(text)?.seconds == seconds)
    }
}

extension RateLimiter {
    fileprivate func ask(_ subject: Subject, _ policies: [RatePolicy]) async -> Verdict {
        await ask([Demand(subject: subject, policies: policies)])
    }
}

extension RateLimiter.Verdict {
    fileprivate var isPassed: Bool { if case .passed = self { true } else { false } }
}
