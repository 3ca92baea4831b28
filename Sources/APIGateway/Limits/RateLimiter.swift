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

    /// - Parameter redis: with a command timeout of `patience`, and no one else's.
    init(limits: RateLimits, redis: RedisClient, prefix: String, logger: Logger, fuse: Fuse = Fuse()) {
        self.limits = limits
        self.redis = redis
        self.prefix = prefix
        self.logger = logger
        self.fuse = fuse
    }

    /// Counts a request against all these limits, or against none.
    func ask(_ subject: Subject, _ policies: [RatePolicy]) async -> Verdict {
        let wanted = policies.compactMap { policy in limits[policy].map { (policy: policy, limit: $0) } }
        guard !wanted.isEmpty else { return .passed([]) }
        guard let reply = await reply(subject, wanted) else {
            unknown.increment()
            return .unknown
        }
        let numbers = (reply.array ?? []).compactMap(\.int)
        guard numbers.count == 1 + 2 * wanted.count else {
            note(away: "allow.lua answered something else")
            return .unknown
        }
        let windows = wanted.enumerated().map { index, item in
            RateWindow(
                policy: item.policy, limit: item.limit, remaining: numbers[1 + 2 * index],
                seconds: (numbers[2 + 2 * index] + 999) / 1_000)
        }
        if numbers[0] == 1 { return .passed(windows) }
        for window in windows where window.remaining == 0 {
            Counter(label: "errand_rate_limited_total", dimensions: [("policy", window.policy.rawValue)]).increment()
        }
        return .refused(windows)
    }

    /// `nil`: Redis is away.
    private func reply(
        _ subject: Subject, _ wanted: [(policy: RatePolicy, limit: RateLimit)]
    ) async -> RedisReply? {
        let keys = wanted.map { "\(prefix):{\(subject.tag)}:\($0.policy.rawValue)" }
        let arguments = wanted.flatMap { item in
            [RedisWord(item.limit.quota), RedisWord(item.limit.seconds * 1_000), RedisWord(RateLimit.slots)]
        }
        var reply: RedisReply?
        do {
            try await fuse.run { reply = try await redis.evaluate(Self.script, keys: keys, arguments: arguments) }
        } catch {
            note(away: "\(error)")
            return nil
        }
        if reply != nil { noteThere() }
        return reply
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
