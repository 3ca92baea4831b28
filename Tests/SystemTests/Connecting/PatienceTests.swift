import Testing

@testable import Worker

@Suite(.timeLimit(.minutes(1))) struct PatienceTests {
    struct Fault: Error {}

    @Test func `what fails for a moment is tried until it succeeds`() async throws {
        var (tries, failures) = (0, 0)
        let value = try await ToItsEnd.trying(for: .seconds(30), pause: .milliseconds(1)) { _ in
            failures += 1
        } _: {
            tries += 1
            if tries < 4 { throw Fault() }
            return tries
        }
        #expect(value == 4 && failures == 3)
    }

    @Test func `what fails for longer fails as it did`() async {
        var failures = 0
        await #expect(throws: Fault.self) {
            try await ToItsEnd.trying(for: .zero, pause: .milliseconds(1)) { _ in
                failures += 1
            } _: {
                throw Fault()
            }
        }
        #expect(failures == 1)
    }
}
