import Testing

@testable import HTTPTransport

struct TransferClockTests {
    private let start = ContinuousClock.now
    private let deadlines = HTTPDeadlines(
        connect: .seconds(5), firstByte: .seconds(20), silence: .seconds(10), total: .seconds(100))

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `each phase has its deadline`() {
        var clock = TransferClock(deadlines: deadlines, start: start)
        #expect(clock.next == (at(5), .connect))
        #expect(!clock.isConnected)
        clock.connected(at: at(2))
        #expect(clock.next == (at(22), .firstByte))
        #expect(clock.isConnected)
        clock.connected(at: at(4))
        #expect(clock.next == (at(22), .firstByte))
        clock.received(at: at(6))
        #expect(clock.next == (at(16), .silence))
        clock.received(at: at(15))
        #expect(clock.next == (at(25), .silence))
        clock.heldBack()
        #expect(clock.next == (at(100), .total))
        clock.received(at: at(95))
        #expect(clock.next == (at(100), .total))
    }

    @Test(arguments: [(0, 0), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (1_500_000, 1_500)])
    func `milliseconds are rounded up`(microseconds: Int, milliseconds: Int) {
        #expect(Duration.microseconds(microseconds).wholeMilliseconds == milliseconds)
    }
}
