import Jobs
import Logging
import Metrics
import Redis
import Synchronization

/// Keeps all workers together below what Google lets through, so that no request is wasted on a refusal.
///
/// While Redis is away nobody can count, and each process lets out a trickle of what people wait for: a thousandth of
/// the project's quota, which fifty processes together can do even when all that is allowed went out a moment before.
/// Background requests are told to come back later, spread over most of a minute.
final class QuotaGovernor: Sendable {
    enum Urgency: String, Sendable {
        /// Somebody waits for it: may use all there is.
        case interactive
        /// May use four fifths, so that the others find room.
        case background
    }

    enum Admission: Sendable, Equatable {
        /// It is counted: send it within five seconds.
        case now
        /// Nothing was counted: ask again then. Each background request has a place of its own, at which it goes before
        /// those that come for the first time.
        case after(seconds: Double)
    }

    static let help: [String: String] = [
        "errand_google_requests_total":
            "Requests to Google that asked whether they may go out, by urgency and answer: now, later; away: no Redis.",
        "errand_google_refusals_total": "Times that Google refused for a quota all the same, by whose: project, user.",
    ]

    private static let admitScript = script("admit", PackageResources.admit_lua)
    private static let closeScript = script("close", PackageResources.close_lua)

    private let limits: QuotaLimits
    private let redis: RedisClient
    private let prefix: String
    private let logger: Logger
    private let fuse: Fuse
    private let alone: LocalAllowance
    private let isAway = Mutex(false)
    /// Milliseconds since 1970; `nil`, but in tests: Redis' own.
    private let clock: (@Sendable () -> Double)?

    init(
        limits: QuotaLimits, redis: RedisClient, names: RedisNames, logger: Logger, fuse: Fuse = Fuse(),
        clock: (@Sendable () -> Double)? = nil
    ) {
        self.limits = limits
        self.redis = redis
        // One hash tag: what is counted together lives on one node of a cluster.
        prefix = "\(names.prefix):{google-calendar}:"
        self.logger = logger
        self.fuse = fuse
        self.clock = clock
        alone = LocalAllowance(limit: max(1, limits.project / 1_000), window: .seconds(QuotaLimits.windowSeconds))
    }

    /// Whether a request for an account may go out now. Ask for every single one, a list's next page included.
    func admit(user: QuotaUser, as urgency: Urgency) async -> Admission {
        let answer: Admission
        let reply = await evaluate(Self.admitScript, [projectKey, userKey(user), placesKey(user)], demand(urgency))
        if let reply, let said = Self.admission(reply) {
            answer = said
            count(urgency, said == .now ? "now" : "later")
        } else {
            answer = withoutRedis(urgency)
            count(urgency, "away")
        }
        return answer
    }

    /// Google refused a request for its quota: nothing goes out for a while.
    /// - Parameters:
    ///   - seconds: for how long, as Google says; `nil`: it does not. At most an hour.
    ///   - isProject: whether everybody has to wait, or only this account.
    func refused(user: QuotaUser, seconds: Double?, isProject: Bool) async {
        Counter(label: "errand_google_refusals_total", dimensions: [("scope", isProject ? "project" : "user")])
            .increment()
        let wait = seconds.map { Int((min(max($0, 1), 3_600) * 1_000).rounded(.up)) }
        logger.warning(
            "Google refused a request for its quota",
            metadata: ["scope": isProject ? "project" : "user", "seconds": "\(seconds.map { "\($0)" } ?? "unsaid")"])
        let reply = await evaluate(
            Self.closeScript, [isProject ? projectKey : userKey(user)],
            [wait.map { RedisWord($0) } ?? "", isProject ? "project" : "account"])
        if reply == nil { alone.close(for: .milliseconds(wait ?? 10_000)) }
    }

    // MARK: Redis

    private var projectKey: String { prefix + "project" }
    private func userKey(_ user: QuotaUser) -> String { "\(prefix)user:\(user)" }
    private func placesKey(_ user: QuotaUser) -> String { "\(prefix)places:\(user)" }

    private func demand(_ urgency: Urgency) -> [RedisWord] {
        let ceilings = [Urgency.interactive, .background].flatMap { urgency in
            [limits.project, limits.user].map { RedisWord(QuotaLimits.ceiling($0, urgency)) }
        }
        return [RedisWord(QuotaLimits.windowSeconds)] + ceilings + [RedisWord(urgency.rawValue)]
    }

    /// `nil`: Redis is away.
    private func evaluate(_ script: RedisScript, _ keys: [String], _ arguments: [RedisWord]) async -> RedisReply? {
        let time = clock.map { [RedisWord(String($0()))] } ?? []
        var reply: RedisReply?
        do {
            try await fuse.run { reply = try await redis.evaluate(script, keys: keys, arguments: arguments + time) }
        } catch {
            note(away: "\(error)")
            return nil
        }
        if reply != nil { noteThere() }
        return reply
    }

    private static func admission(_ reply: RedisReply) -> Admission? {
        guard let parts = reply.array, parts.count == 2 else { return nil }
        if parts[0].string == "now" { return .now }
        guard let milliseconds = parts[1].string.flatMap({ Double($0) }) else { return nil }
        return .after(seconds: milliseconds / 1_000)
    }

    private static func script(_ name: String, _ source: [UInt8]) -> RedisScript {
        RedisScript(name: name, source: String(decoding: source, as: UTF8.self))
    }

    // MARK: Without it

    private func withoutRedis(_ urgency: Urgency) -> Admission {
        guard urgency == .interactive else { return .after(seconds: .random(in: 20...60)) }
        return alone.take().map { .after(seconds: $0 / .seconds(1)) } ?? .now
    }

    /// Said once, not for every request.
    private func note(away reason: String) {
        guard isAway.withLock({ $0.toggled(to: true) }) else { return }
        logger.error(
            "Google's quotas cannot be counted",
            metadata: ["error": "\(reason)", "meanwhile": "only a trickle of what people wait for goes out"])
    }

    private func noteThere() {
        if isAway.withLock({ $0.toggled(to: false) }) { logger.notice("Google's quotas are counted again") }
    }

    private func count(_ urgency: Urgency, _ answer: String) {
        Counter(
            label: "errand_google_requests_total",
            dimensions: [("urgency", urgency.rawValue), ("answer", answer)]
        ).increment()
    }
}

extension Bool {
    /// Whether it was the other one.
    fileprivate mutating func toggled(to value: Bool) -> Bool {
        defer { self = value }
        return self != value
    }
}
