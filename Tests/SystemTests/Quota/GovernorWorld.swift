import Domain
import Foundation
import Jobs
import Redis
import Synchronization
import TestSupport

@testable import Worker

/// Several governors over one Redis, whose time is the test's.
struct GovernorWorld: Sendable {
    /// Milliseconds since 1970.
    final class Clock: Sendable {
        private let time: Mutex<Double>
        init(_ time: Double) { self.time = Mutex(time) }
        var now: Double {
            get { time.withLock { $0 } }
            set { time.withLock { $0 = newValue } }
        }
        func advance(seconds: Double) { time.withLock { $0 += seconds * 1_000 } }
    }

    let limits: QuotaLimits
    let governors: [QuotaGovernor]
    let redis: RedisClient
    let prefix: String
    let clock: Clock

    var governor: QuotaGovernor { governors[0] }

    /// - Parameter isGrown: the project has been known for longer than a window.
    static func with(
        _ limits: QuotaLimits, governors: Int = 1, url: String? = nil, isGrown: Bool = true,
        _ body: @Sendable (GovernorWorld) async throws -> Void
    ) async throws {
        let configuration = try RedisConfiguration(
            url: try url ?? TestStores.variable("TEST_REDIS_URL"), commandTimeout: .seconds(5))
        let clients = (0..<governors).map { _ in RedisClient(configuration: configuration, logger: TestStores.silent) }
        let names = RedisNames(prefix: "test_" + JobID.make().description.suffix(12))
        let clock = Clock(1_796_040_000_250)
        let world = GovernorWorld(
            limits: limits,
            governors: clients.map { client in
                QuotaGovernor(
                    limits: limits, redis: client, names: names, logger: TestStores.silent, clock: { clock.now })
            }, redis: clients[0], prefix: names.prefix, clock: clock)
        if isGrown {
            _ = await world.governor.admit(user: .make(), as: .background)
            clock.advance(seconds: 70)
        }
        try await body(world)
        for client in clients { client.close() }
    }

    func ceiling(_ perMinute: Int, _ urgency: QuotaGovernor.Urgency) -> Int { QuotaLimits.ceiling(perMinute, urgency) }

    /// How often an account, or each of many, is let out at once.
    func admitted(
        _ count: Int, user: QuotaUser? = nil, as urgency: QuotaGovernor.Urgency = .background
    ) async -> Int {
        var admitted = 0
        for _ in 0..<count where await governor.admit(user: user ?? .make(), as: urgency) == .now { admitted += 1 }
        return admitted
    }

    /// When to come back, for so many who ask and are all told to wait; of one account, or each of its own.
    func places(
        _ count: Int, user: QuotaUser? = nil, as urgency: QuotaGovernor.Urgency = .background
    ) async throws -> [Double] {
        var places: [Double] = []
        for _ in 0..<count {
            guard case .after(let seconds) = await governor.admit(user: user ?? .make(), as: urgency) else {
                throw Unexpected()
            }
            places.append(seconds)
        }
        return places
    }

    struct Unexpected: Error {}

    /// Everything in Redis of this test is gone.
    func forget() async throws {
        let keys = try await redis.send(RedisCommand(["KEYS", RedisWord(prefix + "*")])).array ?? []
        for key in keys.compactMap(\.string) { _ = try await redis.send(RedisCommand(["DEL", RedisWord(key)])) }
    }
}

extension QuotaUser {
    /// Somebody else.
    static func make() -> QuotaUser { QuotaUser(accountID: "\(ConnectionID.make())") }
}

/// The same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    /// https://prng.di.unimi.it/splitmix64.c
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
