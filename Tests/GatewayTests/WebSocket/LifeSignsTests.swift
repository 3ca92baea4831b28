import Testing

@testable import APIGateway

@Suite struct LifeSignsTests {
    @Test func `a quiet client is asked, and closed when it has not answered by the next look`() {
        var signs = LifeSigns()
        #expect(signs.look(isWaiting: false) == .fine)
        #expect(signs.look(isWaiting: false) == .ping)
        signs.received()
        #expect(signs.look(isWaiting: false) == .fine)
        #expect(signs.look(isWaiting: false) == .ping)
        #expect(signs.look(isWaiting: false) == .close(.noPong))
    }

    @Test func `a client does not read when what waited still waits and nothing has gone`() {
        var signs = LifeSigns()
        #expect(signs.look(isWaiting: false) == .fine)
        // It had been quiet, and just now something was to be sent.
        signs.received()
        #expect(signs.look(isWaiting: true) == .fine)
        signs.sent()
        signs.received()
        #expect(signs.look(isWaiting: true) == .fine)
        // It sends without end, and reads nothing.
        signs.received()
        #expect(signs.look(isWaiting: true) == .close(.doesNotRead))
    }
}
