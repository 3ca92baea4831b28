import Testing

@testable import Redis

@Suite(.timeLimit(.minutes(1)))
struct SubscriptionBufferTests {
    private func take(_ buffer: SubscriptionBuffer) async -> SubscriptionBuffer.Outcome {
        await buffer.next(buffer.ticket())
    }

    @Test func `a full buffer becomes one gap, however much more comes`() async {
        let buffer = SubscriptionBuffer(capacity: 3)
        for number in UInt8(0)..<3 { buffer.offer(.message([number])) }
        #expect(await take(buffer) == .notice(.message([0])))
        for number in UInt8(3)..<5 { buffer.offer(.message([number])) }
        #expect(await take(buffer) == .notice(.gap))
        for number in UInt8(5)..<7 { buffer.offer(.message([number])) }
        #expect(await take(buffer) == .notice(.message([5])))
    }

    @Test func `a gap replaces what it makes stale`() async {
        let buffer = SubscriptionBuffer(capacity: 3)
        buffer.offer(.message([1]))
        buffer.offer(.gap)
        buffer.offer(.gap)
        buffer.end()
        #expect(await take(buffer) == .notice(.gap))
        #expect(await take(buffer) == .ended)
    }

    @Test func `what waits may be read after the end`() async {
        let buffer = SubscriptionBuffer(capacity: 3)
        buffer.offer(.message([1]))
        buffer.end()
        buffer.offer(.message([2]))
        #expect(await take(buffer) == .notice(.message([1])))
        #expect(await take(buffer) == .ended)
    }

    @Test func `withdrawing before the wait begins ends it too`() async {
        let buffer = SubscriptionBuffer(capacity: 3)
        let ticket = buffer.ticket()
        buffer.withdraw(ticket)
        #expect(await buffer.next(ticket) == .withdrawn)
        buffer.offer(.message([1]))
        #expect(await take(buffer) == .notice(.message([1])))
    }

    @Test func `no message is lost between a reader and its withdrawals`() async {
        let buffer = SubscriptionBuffer(capacity: 100_000)
        async let sent: Void = {
            for number in 0..<2_000 {
                buffer.offer(.message([UInt8(number & 255)]))
                if number.isMultiple(of: 16) { await Task.yield() }
            }
            buffer.end()
        }()
        var received = 0
        reading: while true {
            let ticket = buffer.ticket()
            let outcome = await withTaskGroup(of: Void.self) { group in
                group.addTask { buffer.withdraw(ticket) }
                return await buffer.next(ticket)
            }
            switch outcome {
            case .notice(let notice):
                #expect(notice == .message([UInt8(received & 255)]))
                received += 1
            case .withdrawn: continue
            case .ended: break reading
            }
        }
        await sent
        #expect(received == 2_000)
    }
}
