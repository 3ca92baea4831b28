import Testing

@testable import Redis

struct BackoffTests {
    @Test func `waits double up to the limit and lie between half and all of the step`() {
        var (low, high) = (Backoff(), Backoff())
        for step in [50, 100, 200, 400, 800, 1_600, 2_000, 2_000] {
            #expect(low.next(random: 0) == .milliseconds(step / 2))
            let wait = high.next(random: 0.999)
            #expect(wait > .milliseconds(step * 99 / 100) && wait <= .milliseconds(step))
        }
        for _ in 0..<100 { #expect(low.next(random: 0.5) <= .seconds(2)) }
        low.reset()
        #expect(low.next(random: 0) == .milliseconds(25))
    }
}

struct FIFOTests {
    @Test func `what goes in first comes out first, over any number of rounds`() {
        var queue = FIFO<Int>()
        var (pushed, popped) = (0, 0)
        for round in 0..<200 {
            for _ in 0..<(round * 7 % 300) {
                queue.append(pushed)
                pushed += 1
            }
            for _ in 0..<(round * 5 % 299) {
                guard let element = queue.popFirst() else { break }
                #expect(element == popped)
                popped += 1
            }
            #expect(queue.count == pushed - popped)
            #expect(queue.first == (queue.isEmpty ? nil : popped))
        }
        #expect(queue.removeAll() == Array(popped..<pushed))
        #expect(queue.popFirst() == nil)
    }
}
