import Domain
import Foundation
import Testing

@testable import Jobs

@Suite struct RecentWorkTests {
    private struct Entry: Decodable {
        var queue: String
        var tenant: String?
        var attempts: Double
        var finished: Double
        var retries: Double
    }

    private func entries(_ recent: RecentWork, at now: ContinuousClock.Instant) throws -> [Entry] {
        try JSONDecoder().decode([Entry].self, from: Data(recent.report(now: now)))
    }

    @Test func `a minute later nothing is recent`() throws {
        let recent = RecentWork()
        let start = ContinuousClock.now
        recent.ended(.chat, .make(), .succeeded, now: start + .seconds(70))
        #expect(try entries(recent, at: start + .seconds(80)).map(\.finished) == [1, 1])
        #expect(try entries(recent, at: start + .seconds(124)).count == 2)
        #expect(try entries(recent, at: start + .seconds(131)).isEmpty)
    }

    @Test func `a process younger than a minute counts as if it went on`() throws {
        let recent = RecentWork()
        let start = ContinuousClock.now
        for _ in 0..<10 { recent.ended(.chat, .make(), .succeeded, now: start + .seconds(5)) }
        let total = try #require(try entries(recent, at: start + .seconds(20)).first { $0.tenant == nil })
        #expect(abs(total.finished - 30) < 0.5)
    }

    @Test func `only the busiest tenants are told of, and the queue's total holds them all`() throws {
        let recent = RecentWork()
        let now = ContinuousClock.now + .seconds(61)
        let busy = TenantID.make()
        for _ in 0..<5 { recent.ended(.chat, busy, .scheduled, now: now) }
        for _ in 0..<100 { recent.ended(.chat, .make(), .failed, now: now) }
        let all = try entries(recent, at: now)
        #expect(all.count == 1 + QueueStates.tenantsPerQueue)
        #expect(all.contains { $0.tenant == busy.description && $0.retries == 5 && $0.finished == 0 })
        let total = try #require(all.first { $0.tenant == nil })
        #expect(total.attempts == 105 && total.finished == 100 && total.retries == 5)
    }

    @Test func `more tenants than can be kept still count for their queue`() throws {
        let recent = RecentWork()
        let now = ContinuousClock.now + .seconds(61)
        for _ in 0..<6_000 { recent.ended(.chat, .make(), .succeeded, now: now) }
        #expect(try entries(recent, at: now).first { $0.tenant == nil }?.finished == 6_000)
    }
}
