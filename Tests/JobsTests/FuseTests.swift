import Testing

@testable import Jobs

@Suite struct FuseTests {
    private struct Broken: Error {}

    @Test func `after a failure nobody waits, and later one tries for all`() async throws {
        let fuse = Fuse()
        #expect(try await fuse.run {})
        await #expect(throws: Broken.self) { try await fuse.run { throw Broken() } }
        #expect(try await fuse.run { Issue.record("tried again at once") } == false)
        try await Task.sleep(for: Fuse.rest + .milliseconds(50))
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
