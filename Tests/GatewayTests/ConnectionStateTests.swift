import NIOCore
import Testing

@testable import APIGateway

@Suite struct ConnectionStateTests {
    private static func at(_ seconds: Int) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000) }

    private static func opened() -> ConnectionState {
        var state = ConnectionState(rules: ConnectionRules())
        state.opened(at: at(0))
        return state
    }

    @Test func `a head has ten seconds from the opening, however often a byte of it comes`() {
        var state = Self.opened()
        for second in 1..<10 { state.read(bytes: 1, at: Self.at(second)) }
        #expect(state.check(at: Self.at(9), isReading: true) == .wait(until: Self.at(10)))
        #expect(state.check(at: Self.at(10), isReading: true) == .tooSlow(mayAnswer: true))
    }

    @Test func `between requests nothing is watched, and the next head has its own ten seconds`() {
        var state = Self.opened()
        state.read(bytes: 100, at: Self.at(1))
        state.readHead(at: Self.at(1))
        state.readEnd()
        #expect(state.check(at: Self.at(60), isReading: true) == .fine)
        _ = state.beginAnswer(isClosing: false)
        state.endAnswer()
        state.read(bytes: 1, at: Self.at(70))
        #expect(state.check(at: Self.at(79), isReading: true) == .wait(until: Self.at(80)))
    }

    @Test func `a body that trickles is given up when its grace is over, a fast one after its time`() {
        var trickle = Self.opened()
        var fast = Self.opened()
        trickle.readHead(at: Self.at(1))
        fast.readHead(at: Self.at(1))
        for second in 1...10 {
            trickle.read(bytes: 10, at: Self.at(second))
            fast.read(bytes: 100_000, at: Self.at(second))
        }
        #expect(trickle.check(at: Self.at(11), isReading: true) == .tooSlow(mayAnswer: true))
        #expect(fast.check(at: Self.at(11), isReading: true) == .wait(until: Self.at(31)))
        #expect(fast.check(at: Self.at(31), isReading: true) == .tooSlow(mayAnswer: true))
    }

    @Test func `while nothing is read, the client is not to blame`() {
        var state = Self.opened()
        state.readHead(at: Self.at(1))
        #expect(state.check(at: Self.at(40), isReading: false) == .wait(until: Self.at(41)))
    }

    @Test func `an answer before the end of the request is the last one`() {
        var state = Self.opened()
        state.readHead(at: Self.at(1))
        let isLastOfAll = state.beginAnswer(isClosing: false)
        #expect(isLastOfAll)
        var complete = Self.opened()
        complete.readHead(at: Self.at(1))
        complete.readEnd()
        let isLast = complete.beginAnswer(isClosing: false)
        #expect(!isLast)
        let isLastWhenAsked = complete.beginAnswer(isClosing: true)
        #expect(isLastWhenAsked)
    }

    @Test func `with an answer under way a slow body gets none of its own`() {
        var state = Self.opened()
        state.readHead(at: Self.at(1))
        _ = state.beginAnswer(isClosing: false)
        #expect(state.check(at: Self.at(31), isReading: true) == .tooSlow(mayAnswer: false))
    }

    @Test func `connections are counted by address, and proxies are not`() throws {
        let ledger = ConnectionLedger(limit: 2, proxies: TrustedProxies([IPNetwork("10.0.0.0/8")].compactMap { $0 }))
        let address = IPAddress("2001:db8::1")
        let first = try ledger.enter(address)
        _ = try ledger.enter(IPAddress("2001:db8::2"))
        #expect(throws: ConnectionLedger.Full.self) { try ledger.enter(address) }
        _ = try ledger.enter(IPAddress("2001:db8:0:1::1"))
        ledger.leave(try #require(first))
        _ = try ledger.enter(address)
        for _ in 0..<5 { #expect(try ledger.enter(IPAddress("10.1.1.1")) == nil) }
    }
}
