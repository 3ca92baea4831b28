import Domain
import Foundation
import Jobs
import Redis
import TestSupport
import Testing

@testable import Worker

@Suite(.serialized, .timeLimit(.minutes(3))) struct QuotaRefusalTests {
    private static let limits = QuotaLimits(project: 1_200, user: 60)

    private func seconds(_ admission: QuotaGovernor.Admission) -> Double {
        if case .after(let seconds) = admission { seconds } else { 0 }
    }

    @Test func `an account that was refused waits for as long as Google says, and nobody else does`() async throws {
        try await GovernorWorld.with(Self.limits) { world in
            let user = QuotaUser.make()
            await world.governor.refused(user: user, seconds: 30, isProject: false)
            for urgency in [QuotaGovernor.Urgency.interactive, .background] {
                #expect(seconds(await world.governor.admit(user: user, as: urgency)) >= 30)
                #expect(await world.governor.admit(user: .make(), as: urgency) == .now)
            }
            world.clock.advance(seconds: 30.1)
            #expect(await world.governor.admit(user: user, as: .interactive) == .now)
        }
    }

    @Test func `after the project was refused everybody waits, and comes back one by one`() async throws {
        try await GovernorWorld.with(Self.limits) { world in
            await world.governor.refused(user: .make(), seconds: 20, isProject: true)
            let places = try await world.places(500)
            #expect(Set(places).count == 500)
            #expect(places.allSatisfy { $0 >= 20 } && (places.last ?? 0) > 50)
            world.clock.advance(seconds: 20.1)
            #expect(await world.governor.admit(user: .make(), as: .interactive) == .now)
        }
    }

    @Test func `without a word from Google each refusal lasts twice as long, those at once count as one`() async throws
    {
        try await GovernorWorld.with(Self.limits) { world in
            let user = QuotaUser.make()
            for wait in [2.0, 4, 8, 16, 32, 64, 64] {
                for _ in 0..<3 { await world.governor.refused(user: user, seconds: nil, isProject: false) }
                let told = seconds(await world.governor.admit(user: user, as: .interactive))
                #expect(told >= wait && told < wait + 3, "\(told) for \(wait)")
                world.clock.advance(seconds: wait + 0.1)
            }
            world.clock.advance(seconds: 121)
            await world.governor.refused(user: user, seconds: nil, isProject: false)
            let told = seconds(await world.governor.admit(user: user, as: .interactive))
            #expect(told >= 2 && told < 5)
        }
    }

    @Test func `a Redis that forgot everything does not let the quota out twice`() async throws {
        try await GovernorWorld.with(Self.limits, governors: 2) { world in
            // As much as goes out steadily, all the time.
            let requests = (0..<5_000).map { number in
                Traffic.Request(user: .make(), urgency: .background, from: Double(number) * 40)
            }
            var before = Traffic(requests, seed: 1)
            await before.run(in: world, seconds: 140)
            try await world.forget()
            let later = requests.indices.filter { before.requests[$0].arrived == nil }
            var after = Traffic(later.map { .init(user: requests[$0].user, urgency: .background, from: 0) }, seed: 2)
            await after.run(in: world, seconds: 3_600)
            let second = after.requests.map { request in
                var request = request
                request.arrived = request.arrived.map { $0 + 140_000 }
                return request
            }
            #expect(second.allSatisfy { $0.arrived != nil })
            #expect(Traffic.busiestMinute(before.requests + second) <= Self.limits.project)
        }
    }

    @Test func `a fresh Redis lets a tenth out at once, and the rest within a minute`() async throws {
        try await GovernorWorld.with(Self.limits, isGrown: false) { world in
            #expect(await world.admitted(200) == 91)
            world.clock.advance(seconds: 33)
            #expect((350...420).contains(await world.admitted(1_000)))
            world.clock.advance(seconds: 80)
            #expect(await world.admitted(1_000) == 912)
        }
    }

    @Test func `a clock that is set back holds nobody up for long`() async throws {
        try await GovernorWorld.with(Self.limits) { world in
            let user = QuotaUser.make()
            #expect(await world.admitted(40, user: user) == 40)
            world.clock.advance(seconds: -30)
            // What went out is still counted.
            #expect(await world.admitted(40, user: user) == 5)
            world.clock.advance(seconds: -7_200)
            #expect(await world.governor.admit(user: user, as: .background) == .now)
        }
    }

    @Test func `without Redis a trickle of what people wait for goes out, and the rest comes back later`() async throws
    {
        let limits = QuotaLimits(project: 3_000, user: 600)
        try await GovernorWorld.with(limits, url: "redis://127.0.0.1:1/0", isGrown: false) { world in
            #expect(await world.admitted(6, as: .interactive) == 3)
            let wait = seconds(await world.governor.admit(user: .make(), as: .interactive))
            #expect((50...66).contains(wait), "\(wait)")
            let places = try await world.places(200)
            #expect(places.allSatisfy { (20...60).contains($0) } && Set(places.map { Int($0) }).count > 20)
        }
    }

    @Test func `what Google refuses while Redis is away is heeded as well`() async throws {
        try await GovernorWorld.with(Self.limits, url: "redis://127.0.0.1:1/0", isGrown: false) { world in
            await world.governor.refused(user: .make(), seconds: 30, isProject: true)
            let wait = seconds(await world.governor.admit(user: .make(), as: .interactive))
            #expect((25...30).contains(wait), "\(wait)")
        }
    }

    @Test func `it counts in a Redis Cluster too`() async throws {
        let cluster = try PrivateCluster()
        let nodes = try await cluster.start()
        try await GovernorWorld.with(Self.limits, governors: 2, url: cluster.url) { world in
            for _ in 0..<20 {
                #expect(await world.governors[1].admit(user: .make(), as: .background) == .now)
            }
            let user = QuotaUser.make()
            #expect(await world.admitted(60, user: user) == 45)
            await world.governor.refused(user: .make(), seconds: 20, isProject: true)
            #expect(await world.governors[1].admit(user: user, as: .interactive) != .now)
        }
        for node in nodes { await node.killNow() }
    }
}
