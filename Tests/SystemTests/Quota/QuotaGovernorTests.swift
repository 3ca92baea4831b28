import Domain
import Foundation
import Redis
import TestSupport
import Testing

@testable import Worker

@Suite(.serialized, .timeLimit(.minutes(3))) struct QuotaGovernorTests {
    private static let small = QuotaLimits(project: 1_200, user: 60)
    /// What the project lets out within the window, of all and of background requests; and an account.
    private static let (whole, background) = (1_140, 912)
    private static let (userWhole, userBackground) = (57, 45)

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `in no minute more arrives than the quota, whatever asks, and everything gets its turn`(seed: UInt64)
        async throws
    {
        try await GovernorWorld.with(Self.small, governors: 4) { world in
            var random = Seeded(seed)
            let users = (0..<60).map { _ in QuotaUser.make() }
            // Bursts on top of a load that is more than the quota for a while; a few accounts do most of it.
            let requests = (0..<4_000).map { number in
                let favourite = Int.random(in: 0..<users.count, using: &random) / (number % 3 == 0 ? 12 : 1)
                let from = number % 4 == 0 ? Double(number % 7) * 15_000 : .random(in: 0...120_000, using: &random)
                return Traffic.Request(
                    user: users[favourite], urgency: number % 20 == 0 ? .interactive : .background, from: from)
            }
            var traffic = Traffic(requests, seed: seed)
            await traffic.run(in: world, seconds: 3_600)
            let done = traffic.requests
            #expect(done.allSatisfy { $0.arrived != nil }, "\(done.count { $0.arrived == nil }) never got their turn")
            #expect(Traffic.busiestMinute(done) <= Self.small.project)
            for user in users {
                #expect(Traffic.busiestMinute(done.filter { $0.user == user }) <= Self.small.user)
            }
            // Little is asked in vain.
            let asks = done.map(\.asks).reduce(0, +)
            #expect(asks < done.count * 3, "\(asks) asked")
        }
    }

    @Test func `what arrives five seconds late and what arrives at once share no minute`() async throws {
        try await GovernorWorld.with(Self.small) { world in
            for fraction in [0, 500, 999] as [Double] {
                world.clock.now = (world.clock.now / 1_000).rounded(.down) * 1_000 + 200_000 + fraction
                let start = world.clock.now
                #expect(await world.admitted(1_500, as: .interactive) == Self.whole)
                while case .after(let seconds) = await world.governor.admit(user: .make(), as: .interactive) {
                    world.clock.advance(seconds: min(seconds, 0.5))
                }
                let passed = world.clock.now - start
                #expect((65_000...66_500).contains(passed), "the next went out after \(passed) ms")
            }
        }
    }

    @Test func `a crowd that is told to wait comes back at the quota's rate, and wastes little of it`() async throws {
        try await GovernorWorld.with(Self.small, governors: 3) { world in
            let requests = (0..<6_000).map { _ in
                Traffic.Request(user: .make(), urgency: .background, from: 0)
            }
            var traffic = Traffic(requests, seed: 9)
            await traffic.run(in: world, seconds: 3_600)
            #expect(Traffic.busiestMinute(traffic.requests) <= Self.small.project)
            let last = traffic.requests.compactMap(\.arrived).max() ?? .infinity
            let best = 66_000 + Double(6_000 - Self.background) / Double(Self.background) * 66_000
            #expect(last < best * 1.05 + 6_000, "took \(last / 1_000) s, where \(best / 1_000) s would do")
            // Once, and once more at its place.
            let asks = traffic.requests.map(\.asks).reduce(0, +)
            #expect(asks < (2 * 6_000 - Self.background) * 102 / 100, "\(asks) asked")
        }
    }

    @Test func `what people wait for gets through while background requests fill their share`() async throws {
        try await GovernorWorld.with(Self.small) { world in
            #expect(await world.admitted(Self.background + 50) == Self.background)
            #expect(await world.admitted(300, as: .interactive) == Self.whole - Self.background)
            #expect(await world.admitted(1, as: .background) == 0)
        }
    }

    @Test func `the same holds for one account, and others are not held up by it`() async throws {
        try await GovernorWorld.with(Self.small) { world in
            let user = QuotaUser.make()
            #expect(await world.admitted(60, user: user) == Self.userBackground)
            #expect(await world.admitted(20, user: user, as: .interactive) == Self.userWhole - Self.userBackground)
            #expect(await world.admitted(10) == 10)
        }
    }

    @Test func `places are no closer than the quota lets them pass`() async throws {
        try await GovernorWorld.with(Self.small) { world in
            _ = await world.admitted(Self.background)
            let places = try await world.places(2_000)
            Self.expect(places, apart: 66 / Double(Self.background))
            #expect((places.first ?? 0) > 60, "there is no room before the first second has left")
        }
    }

    @Test func `an account's places are no closer than its own quota lets them pass`() async throws {
        try await GovernorWorld.with(Self.small) { world in
            let user = QuotaUser.make()
            _ = await world.admitted(Self.userBackground, user: user)
            Self.expect(try await world.places(100, user: user), apart: 66 / Double(Self.userBackground))
            _ = await world.admitted(Self.userWhole, user: user, as: .interactive)
            let interactive = try await world.places(30, user: user, as: .interactive)
            Self.expect(interactive, apart: 66 / Double(Self.userWhole))
        }
    }

    private static func expect(_ places: [Double], apart seconds: Double, _ place: SourceLocation = #_sourceLocation) {
        let sorted = places.sorted()
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 > seconds - 0.002 }, sourceLocation: place)
        #expect(sorted.count > 1, sourceLocation: place)
    }

    @Test func `who comes back at its place goes before those who come for the first time`() async throws {
        try await GovernorWorld.with(Self.small) { world in
            _ = await world.admitted(Self.background)
            let waiting = (0..<50).map { _ in QuotaUser.make() }
            var places: [Double] = []
            for user in waiting { places += try await world.places(1, user: user) }
            // One more second of what went out leaves the window, and with it there is room for as many.
            world.clock.advance(seconds: places[0])
            let newcomers = await world.admitted(2_000)
            #expect((800...Self.background - 50).contains(newcomers), "\(newcomers)")
            world.clock.advance(seconds: places[49] - places[0])
            for user in waiting { #expect(await world.governor.admit(user: user, as: .background) == .now) }
        }
    }

    @Test func `a place that nobody comes for is given up`() async throws {
        try await GovernorWorld.with(Self.small) { world in
            _ = await world.admitted(Self.background)
            let user = QuotaUser.make()
            let place = try #require(try await world.places(1, user: user).first)
            world.clock.advance(seconds: place + 121)
            #expect(await world.admitted(2_000) == Self.background)
            // Late, it is one of those who come for the first time.
            #expect(await world.governor.admit(user: user, as: .background) != .now)
        }
    }
}
