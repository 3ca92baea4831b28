import Synchronization
import Testing

@testable import APIGateway

@Suite struct WaitingRoomTests {
    private static func waiter(_ bytes: Int, until: ContinuousClock.Instant = .now) -> WaitingRoom.Waiter {
        WaitingRoom.Waiter(bytes: bytes, takesPlace: true, until: until) { _ in }
    }

    @Test func `who came first is called first, and gives back what it holds`() {
        var room = WaitingRoom()
        for bytes in [1, 2, 3] { _ = room.enter(Self.waiter(bytes)) }
        #expect(room.bytes == 6)
        var called = [room.next()?.bytes, room.next()?.bytes]
        #expect(called == [1, 2] && room.bytes == 3)
        called = [room.next()?.bytes, room.next()?.bytes]
        #expect(called == [3, nil] && room.isEmpty && room.bytes == 0)
    }

    @Test func `memory is bounded`() {
        var room = WaitingRoom()
        let entered = [WaitingRoom.maxBytes - 1, 2, 1].map { room.enter(Self.waiter($0)) }
        #expect(entered == [true, false, true])
    }

    @Test func `only those whose time is over are sent away`() {
        var room = WaitingRoom()
        let now = ContinuousClock.now
        for seconds in [-2, -1, 1] { _ = room.enter(Self.waiter(1, until: now + .seconds(seconds))) }
        let expired = room.expire(at: now)
        #expect(expired.count == 2)
        #expect(room.bytes == 1 && room.next() != nil && room.isEmpty)
    }
}
