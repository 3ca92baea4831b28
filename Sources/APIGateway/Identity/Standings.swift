import Domain
import Jobs
import Logging
import Postgres
import Redis
import ServiceLifecycle
import Store

/// What callers may do now, as the database says or said seconds ago. A change made here, or by another gateway or an
/// operator, is heard of over Redis at once; one whose signal is lost is seen after `maxAge`.
final class Standings: Service {
    /// How long a revoked session or a lost role can go on when Redis is away.
    static let maxAge = Duration.seconds(5)

    private struct Person: Hashable, Sendable {
        var user: UserID
        var session: SessionID?
    }

    private struct Subject: Hashable, Sendable {
        var issuer: String
        var subject: String
    }

    private let pool: PostgresPool
    private let redis: RedisClient
    private let subscriber: RedisSubscriber
    private let channel: String
    private let logger: Logger
    private let people = RecentAnswers<Person, Standing?>(maxAge: maxAge)
    private let keys = RecentAnswers<[UInt8], APIKeys.Key?>(maxAge: maxAge)
    private let subjects = RecentAnswers<Subject, UserID?>(maxAge: maxAge)

    init(pool: PostgresPool, redis: RedisClient, subscriber: RedisSubscriber, names: RedisNames, logger: Logger) {
        self.pool = pool
        self.redis = redis
        self.subscriber = subscriber
        channel = names.standings
        self.logger = logger
    }

    /// `nil` when there is no such account.
    func standing(of user: UserID, session: SessionID?) async throws -> Standing? {
        try await people.answer(Person(user: user, session: session)) {
            try await Standing.find(user, session: session, in: pool)
        }
    }

    /// `nil` when there is no such key, or it is over.
    func key(digest: [UInt8]) async throws -> APIKeys.Key? {
        try await keys.answer(digest) { try await APIKeys(pool: pool).present(digest: digest) }
    }

    /// Whom another issuer's claim is about. `nil`: nobody here, and nobody may become it.
    func user(of claim: Identities.Claim) async throws -> UserID? {
        try await subjects.answer(Subject(issuer: claim.issuer, subject: claim.subject)) {
            try await Identities(pool: pool).resolve(claim)
        }
    }

    /// Something about a person changed: account, sessions or roles.
    func changed(_ user: UserID) async {
        forget(user)
        await tell("user \(user)")
    }

    /// Something changed for many at once, as when a company goes.
    func changedManifold() async {
        forgetAll()
        await tell("all")
    }

    /// A key was revoked.
    func changed(key digest: [UInt8]) async {
        keys.forget { $0 == digest }
        await tell("keys")
    }

    private func forget(_ user: UserID) {
        people.forget { $0.user == user }
    }

    private func tell(_ change: String) async {
        do {
            _ = try await redis.send(RedisCommand(["PUBLISH", RedisWord(channel), RedisWord(change)]))
        } catch {
            logger.warning("other gateways learn of a change a little later", metadata: ["error": "\(error)"])
        }
    }

    /// Listens until a graceful shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown { await self.listen() }
    }

    private func listen() async {
        while !Task.isCancelled {
            do {
                for await notice in try await subscriber.subscribe(channel) { hear(notice) }
            } catch {
                logger.debug("no word of accounts", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    private func hear(_ notice: RedisNotice) {
        guard case .message(let bytes) = notice else { return forgetAll() }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        if words.count == 2, words[0] == "user", let user = UserID(words[1]) { forget(user) } else { forgetAll() }
    }

    private func forgetAll() {
        people.forget { _ in true }
        keys.forget { _ in true }
    }
}
