import Testing

@testable import Redis

/// The state machine alone: events in, actions out.
struct SubscriptionTableTests {
    private func connected() -> SubscriptionTable {
        var table = SubscriptionTable()
        #expect(table.connected() == [])
        return table
    }

    @Test func `the first reader of a channel subscribes, the next joins, the last unsubscribes`() throws {
        var table = connected()
        #expect(table.subscribe(1, to: "a") == [.sendSubscribe(channel: "a")])
        #expect(table.subscribe(2, to: "a") == [])
        #expect(table.receivers(of: "a") == [])
        #expect(try table.receive(.subscribed(channel: "a")) == [.confirm(1), .confirm(2)])
        #expect(table.subscribe(3, to: "a") == [.confirm(3)])
        #expect(table.receivers(of: "a") == [1, 2, 3])
        #expect(table.cancel(1) == [])
        #expect(table.cancel(3) == [])
        #expect(table.cancel(2) == [.sendUnsubscribe(channel: "a")])
        #expect(table.cancel(2) == [])
        #expect(try table.receive(.unsubscribed(channel: "a")) == [])
        #expect(table.memberCount == 0 && table.awaitedCount == 0)
    }

    @Test func `before the connection readers wait, then all channels are asked for`() throws {
        var table = SubscriptionTable()
        #expect(table.subscribe(1, to: "a") == [])
        #expect(table.subscribe(2, to: "b") == [])
        #expect(table.cancel(2) == [])
        #expect(table.connected() == [.sendSubscribe(channel: "a")])
        #expect(try table.receive(.subscribed(channel: "a")) == [.confirm(1)])
    }

    @Test func `after a break confirmed readers get a gap and waiting ones their confirmation`() throws {
        var table = connected()
        _ = table.subscribe(1, to: "a")
        _ = try table.receive(.subscribed(channel: "a"))
        table.disconnected()
        #expect(table.subscribe(2, to: "a") == [])
        #expect(table.connected() == [.sendSubscribe(channel: "a")])
        #expect(table.subscribe(3, to: "a") == [])
        #expect(try table.receive(.subscribed(channel: "a")) == [.gap(1), .confirm(2), .confirm(3)])
    }

    @Test func `a confirmation of an earlier life of the channel does not count`() throws {
        var table = connected()
        _ = table.subscribe(1, to: "a")
        _ = table.cancel(1)
        #expect(table.subscribe(2, to: "a") == [.sendSubscribe(channel: "a")])
        #expect(try table.receive(.subscribed(channel: "a")) == [])
        #expect(try table.receive(.unsubscribed(channel: "a")) == [])
        #expect(table.receivers(of: "a") == [])
        #expect(try table.receive(.subscribed(channel: "a")) == [.confirm(2)])
    }

    @Test func `a confirmation on the new connection counts although one on the old was due`() throws {
        var table = connected()
        _ = table.subscribe(1, to: "a")
        table.disconnected()
        _ = table.connected()
        #expect(table.awaitedCount == 1)
        #expect(try table.receive(.subscribed(channel: "a")) == [.confirm(1)])
    }

    @Test func `a refusal ends the channel's readers and nobody else`() throws {
        var table = connected()
        _ = table.subscribe(1, to: "a")
        _ = table.subscribe(2, to: "b")
        #expect(try table.receive(.refused("NOPERM")) == [.refuse(1, "NOPERM")])
        #expect(try table.receive(.subscribed(channel: "b")) == [.confirm(2)])
        #expect(table.cancel(1) == [])
        #expect(table.memberCount == 1)
    }

    @Test func `a sign of life takes its turn among the confirmations`() throws {
        var table = SubscriptionTable()
        #expect(table.ping() == [])
        _ = table.connected()
        #expect(table.ping() == [.sendPing])
        _ = table.subscribe(1, to: "a")
        #expect(try table.receive(.pong) == [])
        #expect(try table.receive(.subscribed(channel: "a")) == [.confirm(1)])
    }

    @Test(arguments: [
        SubscriptionTable.Event.subscribed(channel: "b"), .unsubscribed(channel: "a"), .pong,
    ])
    func `a confirmation out of order is a violation`(event: SubscriptionTable.Event) {
        var table = connected()
        _ = table.subscribe(1, to: "a")
        #expect(throws: RedisError.self) { try table.receive(event) }
        var idle = connected()
        #expect(throws: RedisError.self) { try idle.receive(event) }
    }

    /// A model of Redis answers every request in order, over connections that break. At the end nothing is left.
    @Test(arguments: 0..<50)
    func `each member is confirmed at most once and never before Redis confirmed`(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var table = SubscriptionTable()
        var (queue, confirmed, live) = ([SubscriptionTable.Action](), Set<UInt64>(), [UInt64: String]())
        var isConnected = false
        var next: UInt64 = 0
        func note(_ actions: [SubscriptionTable.Action]) {
            for action in actions {
                if case .confirm(let member) = action {
                    #expect(isConnected && live[member] != nil && confirmed.insert(member).inserted)
                } else if case .gap(let member) = action {
                    #expect(confirmed.contains(member))
                } else {
                    queue.append(action)
                }
            }
        }
        for _ in 0..<600 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3:
                next += 1
                let channel = "c\(next % 4)"
                live[next] = channel
                note(table.subscribe(next, to: channel))
            case 3..<6:
                guard let member = live.keys.sorted().randomElement(using: &random) else { continue }
                live[member] = nil
                note(table.cancel(member))
            case 6..<9:
                guard !queue.isEmpty else { continue }
                switch queue.removeFirst() {
                case .sendSubscribe(let channel): note(try table.receive(.subscribed(channel: channel)))
                case .sendUnsubscribe(let channel): note(try table.receive(.unsubscribed(channel: channel)))
                default: break
                }
            default:
                queue = []
                isConnected.toggle()
                if isConnected { note(table.connected()) } else { table.disconnected() }
            }
        }
        #expect(table.memberCount == live.count)
        for member in live.keys { _ = table.cancel(member) }
        #expect(table.memberCount == 0)
        for channel in 0..<4 { #expect(table.receivers(of: "c\(channel)") == []) }
    }
}
