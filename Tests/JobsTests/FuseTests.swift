import Synchronization
import Testing

@testable import Jobs

@Suite struct FuseTests {
    private struct Broken: Error {}

    private final class FakeClock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(by duration: Duration) { instant.withLock { $0 += duration } }
    }

    @Test func `after a failure nobody waits, and later one tries for all`() async throws {
        let clock = FakeClock()
        let fuse = Fuse { clock.now }
        #expect(try await fuse.run {})
        await #expect(throws: Broken.self) { try await fuse.run { throw Broken() } }
        #expect(try await fuse.run { Issue.record("tried again at once") } == false)
        clock.advance(by: Fuse.rest)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        async let probe = fuse.run {
            enter.yield()
            for await _ in gate { break }
        }
        for await _ in entered { break }
        #expect(try await fuse.run { Issue.record("two tried") } == false)
        open.yield()
        #expect(try await probe)
        #expect(try await fuse.run {})
    }
}
