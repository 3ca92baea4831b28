import Jobs
import Logging
import Metrics
import Redis
import Synchronization

/// Counts requests in sliding windows that all gateways share.
///
/// While Redis is away nobody waits for it: one caller in two seconds tries again, for a quarter of a second at most.
final class RateLimiter: Sendable {
    /// Whom a window counts.
    enum Subject: Sendable, Hashable {
        /// An IPv4 address, or an IPv6 network of 64 bits.
        case address(String)
        case user(String)
        case key(String)
        /// The digest of the name somebody wants to sign in by.
        case account(String)

        /// Keys of one subject share this hash tag, so that a script's keys live on one node of a cluster.
        var tag: String {
            switch self {
            case .address(let text): "ip:\(text)"
            case .user(let text): "user:\(text)"
            case .key(let text): "key:\(text)"
            case .account(let text): "account:\(text)"
            }
        }
    }

    /// Limits of one subject that a request is to be counted against.
    struct Demand: Sendable {
        var subject: Subject
        var policies: [RatePolicy]
    }

    /// A window to look at.
    private struct Wanted: Hashable, Sendable {
        let subject: Subject
        let policy: RatePolicy
        let limit: RateLimit
    }

    /// What allow.lua said of the windows of one call.
    private struct WindowCounts {
        /// How many of the requests.
        let passed: Int
        var ofPassed: [RateWindow] = []
        var ofRefused: [RateWindow] = []

        /// `nil`: it is no answer of allow.lua's.
        init?(_ reply: RedisReply, of group: [Wanted]) {
            let numbers = (reply.array ?? []).compactMap(\.int)
            guard numbers.count == 1 + 3 * group.count else { return nil }
            passed = numbers[0]
            for (index, item) in group.enumerated() {
                let (left, more, room) = (numbers[3 * index + 1], numbers[3 * index + 2], numbers[3 * index + 3])
                var window = RateWindow(
                    policy: item.policy, limit: item.limit, remaining: left, seconds: (more + 999) / 1_000)
                ofPassed.append(window)
                if left == 0 { window.seconds = (room + 999) / 1_000 }
                ofRefused.append(window)
            }
        }
    }

    enum Verdict: Sendable, Equatable {
        /// The windows it was counted in; none when all of them are off.
        case passed([RateWindow])
        /// It was counted nowhere.
        case refused([RateWindow])
        /// Redis is away.
        case unknown
    }

    /// How long one question may take.
    static let patience = Duration.milliseconds(250)
    static let help: [String: String] = [
        "errand_rate_limited_total": "Requests refused with 429, by the limit.",
        "errand_rate_limit_unknown_total": "Requests whose limits could not be looked at: Redis was away.",
    ]

    private static let script = RedisScript(
        name: "allow", source: String(decoding: PackageResources.allow_lua, as: UTF8.self))

    let limits: RateLimits
    private let redis: RedisClient
    let prefix: String
    private let logger: Logger
    private let fuse: Fuse
    private let isAway = Mutex(false)
    private let unknown = Counter(label: "errand_rate_limit_unknown_total")
    private let asking = Coalescing<[[Wanted]], Verdict>()

    /// - Parameter redis: with a command timeout of `patience`, and no one else's.
    init(limits: RateLimits, redis: RedisClient, prefix: String, logger: Logger, fuse: Fuse = Fuse()) {
        self.limits = limits
        self.redis = redis
        self.prefix = prefix
        self.logger = logger
        self.fuse = fuse
    }

    /// Counts a request against the limits of several subjects, against all of them or against none. In a cluster their
    /// keys may lie on different nodes: there, each subject's are all counted or none.
    ///
    /// Requests of one caller that come at once are counted together.
    func ask(_ demands: [Demand]) async -> Verdict {
        let groups = wanted(demands)
        guard !groups.isEmpty else { return .passed([]) }
        let verdict = await asking.perform(groups) { requests in await self.ask(groups, for: requests) }
        switch verdict {
        case .passed: break
        case .refused(let windows):
            for window in windows where window.remaining == 0 {
                let policy = ("policy", window.policy.rawValue)
                Counter(label: "errand_rate_limited_total", dimensions: [policy]).increment()
            }
        case .unknown: unknown.increment()
        }
        return verdict
    }

    /// The verdict for each of so many requests.
    private func ask(_ groups: [[Wanted]], for requests: Int) async -> [Verdict] {
        let unknown = [Verdict](repeating: .unknown, count: requests)
        guard let replies = await replies(groups.map { call($0, requests) }) else { return unknown }
        var counts: [WindowCounts] = []
        for (group, reply) in zip(groups, replies) {
            guard let found = WindowCounts(reply, of: group) else {
                note(away: "allow.lua answered something else")
                return unknown
            }
            counts.append(found)
        }
        return (0..<requests).map { index in
            let refusing = counts.filter { $0.passed <= index }
            return refusing.isEmpty ? .passed(counts.flatMap(\.ofPassed)) : .refused(refusing.flatMap(\.ofRefused))
        }
    }

    /// The limits that are in force, as they can be asked about in one call each.
    private func wanted(_ demands: [Demand]) -> [[Wanted]] {
        let each = demands.map { demand in
            demand.policies.compactMap { policy in
                limits[policy].map { Wanted(subject: demand.subject, policy: policy, limit: $0) }
            }
        }
        return (redis.hasSlots ? each : [each.flatMap { $0 }]).filter { !$0.isEmpty }
    }

    private func call(_ group: [Wanted], _ requests: Int) -> RedisScript.Call {
        RedisScript.Call(
            keys: group.map { "\(prefix):{\($0.subject.tag)}:\($0.policy.rawValue)" },
            arguments: [RedisWord(requests), RedisWord(RateLimit.slots)]
                + group.flatMap { [RedisWord($0.limit.quota), RedisWord($0.limit.seconds * 1_000)] })
    }

    /// `nil`: Redis is away.
    private func replies(_ calls: [RedisScript.Call]) async -> [RedisReply]? {
        var replies: [RedisReply]?
        do {
            try await fuse.run { replies = try await redis.evaluate(Self.script, calls) }
        } catch {
            note(away: "\(error)")
            return nil
        }
        if replies != nil { noteThere() }
        return replies
    }

    /// Said once, not for every request.
    private func note(away reason: String) {
        let isNews = isAway.withLock { isAway in
            defer { isAway = true }
            return !isAway
        }
        guard isNews else { return }
        let rule = limits.passWithoutRedis ? "requests pass uncounted" : "requests are refused"
        logger.error("rate limits cannot be looked at", metadata: ["error": "\(reason)", "meanwhile": "\(rule)"])
    }

    private func noteThere() {
        let isNews = isAway.withLock { isAway in
            defer { isAway = false }
            return isAway
        }
        if isNews { logger.notice("rate limits are counted again") }
    }
}
