/// Which subscriptions hold which channel, and what Redis has confirmed of it: a pure state machine. Events go in,
/// actions come out; the caller carries them out in order.
///
/// Each SUBSCRIBE and UNSUBSCRIBE names one channel, so that each gets exactly one reply, in order, and a refusal
/// (`-NOPERM`) concerns one channel only.
struct SubscriptionTable {
    typealias Member = UInt64

    enum Action: Equatable {
        case sendSubscribe(channel: String)
        case sendUnsubscribe(channel: String)
        case sendPing
        /// From here on the member receives messages.
        case confirm(Member)
        case gap(Member)
        /// The member gets nothing (more); Redis' reason.
        case refuse(Member, String)
    }

    /// What Redis says, as far as it concerns the table.
    enum Event: Equatable {
        case subscribed(channel: String)
        case unsubscribed(channel: String)
        case pong
        case refused(String)
    }

    private enum Awaited: Equatable {
        /// The round tells a channel's present life from an earlier one of the same name.
        case subscribe(channel: String, round: UInt64)
        case unsubscribe(channel: String)
        case pong
    }

    private struct Channel {
        var confirmed: Set<Member> = []
        var waiting: Set<Member> = []
        /// The round of the SUBSCRIBE that counts.
        var round: UInt64
        /// Redis has confirmed that round on the present connection.
        var isActive = false
    }

    private var channels: [String: Channel] = [:]
    private var channelOfMember: [Member: String] = [:]
    private var awaited = FIFO<Awaited>()
    private var isConnected = false
    private var round: UInt64 = 0

    var memberCount: Int { channelOfMember.count }
    var awaitedCount: Int { awaited.count }

    mutating func subscribe(_ member: Member, to channel: String) -> [Action] {
        channelOfMember[member] = channel
        if channels[channel]?.isActive == true {
            channels[channel]?.confirmed.insert(member)
            return [.confirm(member)]
        }
        let isNew = channels[channel] == nil
        if isNew { channels[channel] = Channel(round: nextRound()) }
        channels[channel]?.waiting.insert(member)
        return isNew && isConnected ? [request(channel)] : []
    }

    /// The member goes, confirmed or not. The last one of a channel takes the channel with it.
    mutating func cancel(_ member: Member) -> [Action] {
        guard let name = channelOfMember.removeValue(forKey: member), var channel = channels[name] else { return [] }
        channel.confirmed.remove(member)
        channel.waiting.remove(member)
        if !channel.confirmed.isEmpty || !channel.waiting.isEmpty {
            channels[name] = channel
            return []
        }
        channels[name] = nil
        guard isConnected else { return [] }
        awaited.append(.unsubscribe(channel: name))
        return [.sendUnsubscribe(channel: name)]
    }

    /// The connection is there (again): every channel is asked for.
    mutating func connected() -> [Action] {
        isConnected = true
        return channels.keys.map { request($0) }
    }

    mutating func disconnected() {
        isConnected = false
        awaited = FIFO()
        for name in channels.keys { channels[name]?.isActive = false }
    }

    /// Asks for a sign of life.
    mutating func ping() -> [Action] {
        guard isConnected else { return [] }
        awaited.append(.pong)
        return [.sendPing]
    }

    /// A reply to one of the requests. Throws when it is not the one that is due.
    mutating func receive(_ event: Event) throws(RedisError) -> [Action] {
        guard let due = awaited.popFirst() else {
            throw .protocolViolation("a confirmation that nobody asked for")
        }
        switch (due, event) {
        case (.subscribe(let channel, let round), .subscribed(let confirmed)) where confirmed == channel:
            return confirm(channel, round)
        case (.subscribe(let channel, let round), .refused(let message)): return refuse(channel, round, message)
        case (.unsubscribe(let channel), .unsubscribed(let confirmed)) where confirmed == channel: return []
        case (.unsubscribe, .refused), (.pong, .pong): return []
        default: throw .protocolViolation("confirmations of subscriptions out of order")
        }
    }

    /// Who gets a message of this channel.
    func receivers(of channel: String) -> Set<Member> { channels[channel]?.confirmed ?? [] }

    private mutating func confirm(_ name: String, _ round: UInt64) -> [Action] {
        guard var channel = channels[name], channel.round == round else { return [] }
        let actions = channel.confirmed.sorted().map { Action.gap($0) } + channel.waiting.sorted().map { .confirm($0) }
        channel.isActive = true
        channel.confirmed.formUnion(channel.waiting)
        channel.waiting = []
        channels[name] = channel
        return actions
    }

    private mutating func refuse(_ name: String, _ round: UInt64, _ message: String) -> [Action] {
        guard let channel = channels[name], channel.round == round else { return [] }
        channels[name] = nil
        let members = channel.confirmed.union(channel.waiting).sorted()
        for member in members { channelOfMember[member] = nil }
        return members.map { .refuse($0, message) }
    }

    /// Every request opens a new round of its channel.
    private mutating func request(_ channel: String) -> Action {
        let round = nextRound()
        channels[channel]?.round = round
        awaited.append(.subscribe(channel: channel, round: round))
        return .sendSubscribe(channel: channel)
    }

    private mutating func nextRound() -> UInt64 {
        round += 1
        return round
    }
}
