import Synchronization
import Testing

@testable import APIGateway

@Suite struct CoalescingTests {
    private final class Counts: Sendable {
        let turns = Mutex<[Int]>([])
        let isBusy = Mutex(false)
    }

    @Test func `each caller gets an answer of its own, and those who come meanwhile share a turn`() async {
        let coalescing = Coalescing<String, Int>()
        let counts = Counts()
        let answers = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<1_000 {
                group.addTask {
                    await coalescing.perform("a") { callers in
                        let wasBusy = counts.isBusy.withLock { isBusy in
                            defer { isBusy = true }
                            return isBusy
                        }
                        #expect(!wasBusy)
                        let first = counts.turns.withLock { turns in
                            defer { turns.append(callers) }
                            return turns.reduce(0, +)
                        }
                        await Task.yield()
                        counts.isBusy.withLock { $0 = false }
                        return Array(first..<first + callers)
                    }
                }
            }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(answers == Set(0..<1_000))
        let turns = counts.turns.withLock { $0 }
        #expect(turns.reduce(0, +) == 1_000 && turns.count < 1_000)
    }

    @Test func `what is wanted of one key waits for no other`() async {
        let coalescing = Coalescing<Int, Int>()
        let answer = await coalescing.perform(1) { _ in
            [await coalescing.perform(2) { callers in [callers] } + 10]
        }
        #expect(answer == 11)
    }
}
