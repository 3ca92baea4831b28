import Testing

@testable import Postgres

@Suite struct PoolStateTests {
    typealias State = PoolState<String, Int>

    static let start = Deadline(nanoseconds: 1_000_000_000)
    static func at(_ milliseconds: Int) -> Deadline { start.advanced(by: .milliseconds(milliseconds)) }

    static func text(_ acquisition: State.Acquisition) -> String {
        switch acquisition {
        case .granted(.connection(let name)): name
        case .granted(.slot): "slot"
        case .wait: "wait"
        case .refused(let error): "\(error)"
        }
    }

    static func text(_ resumptions: [State.Resumption]) -> [String] {
        resumptions.map { resumption in
            switch resumption.outcome {
            case .success(let grant): "\(resumption.ticket): " + text(.granted(grant))
            case .failure(let error): "\(resumption.ticket): \(error)"
            }
        }
    }

    @Test func `slots first, then waiting, then refusal`() {
        var state = State(size: 2, maxWaiters: 1)
        #expect(Self.text(state.acquire(now: Self.start)) == "slot")
        #expect(Self.text(state.acquire(now: Self.start)) == "slot")
        #expect(Self.text(state.acquire(now: Self.start)) == "wait")
        state.enqueue(7, number: 1, deadline: Self.at(5_000))
        #expect(Self.text(state.acquire(now: Self.start)) == "\(PostgresError.tooManyWaiters)")
    }

    @Test func `a returned connection goes to the first who waits`() {
        var state = State(size: 1, maxWaiters: 9)
        _ = state.acquire(now: Self.start)
        for ticket in 1...3 { state.enqueue(ticket, number: UInt64(ticket), deadline: Self.at(5_000)) }
        #expect(state.withdraw(number: 1) == 1)
        #expect(state.withdraw(number: 1) == nil)
        let (isKept, resumption) = state.give("a")
        #expect(isKept)
        #expect(Self.text(resumption.map { [$0] } ?? []) == ["2: a"])
        #expect(state.give("a").resumption?.ticket == 3)
        #expect(state.give("a").resumption == nil)
        #expect(Self.text(state.acquire(now: Self.start)) == "a")
    }

    @Test func `a lost connection's slot goes to the first who waits`() {
        var state = State(size: 1, maxWaiters: 9)
        _ = state.acquire(now: Self.start)
        state.enqueue(1, number: 1, deadline: Self.at(5_000))
        #expect(Self.text(state.lost(now: Self.start)) == ["1: slot"])
        #expect(state.slotsTaken == 1)
    }

    @Test func `after a failed attempt nobody tries again before the pause is over`() {
        var state = State(size: 2, maxWaiters: 9)
        _ = state.acquire(now: Self.start)
        #expect(state.openFailed(.connect("refused"), now: Self.start, jitter: 1).isEmpty)
        #expect(Self.text(state.acquire(now: Self.at(49))) == "wait")
        state.enqueue(1, number: 1, deadline: Self.at(5_000))
        #expect(state.nextTick == Self.at(50))
        #expect(Self.text(state.tick(now: Self.at(49))) == [])
        #expect(Self.text(state.tick(now: Self.at(50))) == ["1: slot"])
        #expect(state.openFailed(.connect("refused"), now: Self.at(50), jitter: 1).isEmpty)
        #expect(Self.text(state.acquire(now: Self.at(149))) == "wait")
        #expect(Self.text(state.acquire(now: Self.at(150))) == "slot")
        state.opened()
        #expect(state.openFailed(.connect("refused"), now: Self.at(200), jitter: 1).isEmpty)
        #expect(Self.text(state.acquire(now: Self.at(250))) == "slot")
    }

    @Test func `the pause never exceeds two seconds`() {
        var state = State(size: 1, maxWaiters: 9)
        var now = Self.start
        for _ in 0..<100 {
            #expect(Self.text(state.acquire(now: now)) == "slot")
            _ = state.openFailed(.connect("refused"), now: now, jitter: 1)
            now = now.advanced(by: .seconds(2))
        }
    }

    @Test func `who waits too long learns why no connection came`() {
        var state = State(size: 1, maxWaiters: 9)
        _ = state.acquire(now: Self.start)
        state.enqueue(1, number: 1, deadline: Self.at(100))
        state.enqueue(2, number: 2, deadline: Self.at(200))
        #expect(state.nextTick == Self.at(100))
        #expect(Self.text(state.tick(now: Self.at(100))) == ["1: \(PostgresError.acquireTimeout)"])
        _ = state.openFailed(.connect("refused"), now: Self.at(180), jitter: 1)
        #expect(Self.text(state.tick(now: Self.at(200))) == ["2: \(PostgresError.connect("refused"))"])
        #expect(state.nextTick == nil)
    }

    @Test func `a closed pool refuses, lets waiters go and is drained with the last slot`() {
        var state = State(size: 2, maxWaiters: 9)
        _ = state.acquire(now: Self.start)
        _ = state.acquire(now: Self.start)
        _ = state.give("idle")
        state.enqueue(1, number: 1, deadline: Self.at(100))
        let (resumptions, idle) = state.close()
        #expect(Self.text(resumptions) == ["1: \(PostgresError.closed)"])
        #expect(idle == ["idle"])
        #expect(Self.text(state.acquire(now: Self.start)) == "\(PostgresError.closed)")
        #expect(state.lost(now: Self.start).isEmpty)
        #expect(!state.isDrained)
        #expect(!state.give("busy").isKept)
        #expect(state.lost(now: Self.start).isEmpty)
        #expect(state.isDrained)
    }
}
