import Logging

/// SUBSCRIBE and what follows, on one connection; the thread's side of `RedisSubscriber`.
final class SubscriptionConversation: Conversation {
    typealias Member = SubscriptionTable.Member

    private struct Waiting {
        let continuation: CheckedContinuation<Void, any Error>
        let deadline: Instant
    }

    private let mailbox: SubscriptionMailbox
    private let configuration: RedisConfiguration
    private let logger: Logger

    private var table = SubscriptionTable()
    private var buffers: [Member: SubscriptionBuffer] = [:]
    private var waiting: [Member: Waiting] = [:]
    /// Members in the order of their deadlines; those no longer in `waiting` are skipped.
    private var deadlines = FIFO<(member: Member, deadline: Instant)>()
    private var output: [UInt8] = []
    private var cursor = 0
    private var isOpen = false
    private var connectFailure: String?
    private var lastHeard = Instant.now
    /// Since when Redis owes an answer; nil when it owes none.
    private var owesSince: Instant?

    init(mailbox: SubscriptionMailbox, configuration: RedisConfiguration, logger: Logger) {
        self.mailbox = mailbox
        self.configuration = configuration
        self.logger = logger
    }

    var isIdle: Bool { true }
    var hasOutput: Bool { cursor < output.count }

    func collect(now: Instant) -> Bool {
        for wish in mailbox.take() {
            switch wish {
            case .enter(let entrance): enter(entrance, now: now)
            case .leave(let member): leave(member, now: now)
            }
        }
        return true
    }

    private func enter(_ entrance: SubscriptionMailbox.Entrance, now: Instant) {
        let deadline = now + configuration.commandTimeout
        buffers[entrance.member] = entrance.buffer
        waiting[entrance.member] = Waiting(continuation: entrance.continuation, deadline: deadline)
        deadlines.append((entrance.member, deadline))
        perform(table.subscribe(entrance.member, to: entrance.channel), now: now)
    }

    private func leave(_ member: Member, now: Instant) {
        waiting.removeValue(forKey: member)?.continuation.resume(throwing: CancellationError())
        buffers[member] = nil
        perform(table.cancel(member), now: now)
    }

    func expire(now: Instant) -> Bool {
        while let next = deadlines.first, next.deadline <= now || waiting[next.member] == nil {
            _ = deadlines.popFirst()
            guard let entrance = waiting.removeValue(forKey: next.member) else { continue }
            entrance.continuation.resume(throwing: timeoutError())
            mailbox.cancel(next.member)
            leave(next.member, now: now)
        }
        guard isOpen else { return true }
        if let owesSince { return now - max(owesSince, lastHeard) < configuration.commandTimeout }
        if now - lastHeard >= configuration.heartbeatInterval { perform(table.ping(), now: now) }
        return true
    }

    private func timeoutError() -> RedisError {
        if !isOpen, let connectFailure { return .connect(connectFailure) }
        return .timeout(command: "SUBSCRIBE", isOutcomeUnknown: false)
    }

    var nextDeadline: Instant? {
        let sign =
            owesSince.map { max($0, lastHeard) + configuration.commandTimeout }
            ?? lastHeard + configuration.heartbeatInterval
        return [deadlines.first?.deadline, isOpen ? sign : nil].compactMap { $0 }.min()
    }

    func opened(now: Instant) {
        isOpen = true
        connectFailure = nil
        lastHeard = now
        perform(table.connected(), now: now)
    }

    func lost(now: Instant) {
        isOpen = false
        owesSince = nil
        output = []
        cursor = 0
        table.disconnected()
    }

    func couldNotConnect(_ reason: String) { connectFailure = reason }

    func withOutput<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        try output.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[cursor...])) }
    }

    func wrote(_ byteCount: Int, now: Instant) {
        cursor += byteCount
        guard cursor == output.count else { return }
        output.removeAll(keepingCapacity: output.capacity <= 64 << 10)
        cursor = 0
    }

    func heard(now: Instant) { lastHeard = now }

    func received(_ reply: RedisReply) throws(RedisError) {
        if let (channel, payload) = Self.message(reply) {
            for member in table.receivers(of: channel) { buffers[member]?.offer(.message(payload)) }
            return
        }
        perform(try table.receive(try Self.event(reply)), now: lastHeard)
        if table.awaitedCount == 0 { owesSince = nil }
    }

    private static func message(_ reply: RedisReply) -> (channel: String, payload: [UInt8])? {
        guard case .array(let parts) = reply, parts.count == 3, parts[0].string == "message",
            let channel = parts[1].string, case .bytes(let payload) = parts[2]
        else { return nil }
        return (channel, payload)
    }

    /// https://redis.io/docs/latest/develop/pubsub/#format-of-pushed-messages
    private static func event(_ reply: RedisReply) throws(RedisError) -> SubscriptionTable.Event {
        switch reply {
        case .error(let message): return .refused(message)
        case .status("PONG"): return .pong
        case .array(let parts) where parts.count >= 2:
            switch (parts[0].string, parts[1].string) {
            case ("subscribe", let channel?): return .subscribed(channel: channel)
            case ("unsubscribe", let channel?): return .unsubscribed(channel: channel)
            case ("pong", _): return .pong
            default: break
            }
        default: break
        }
        throw .protocolViolation("an unknown kind of message on a subscription")
    }

    private func perform(_ actions: [SubscriptionTable.Action], now: Instant) {
        for action in actions {
            switch action {
            case .sendSubscribe(let channel): send(["SUBSCRIBE", RedisWord(channel)], now: now)
            case .sendUnsubscribe(let channel): send(["UNSUBSCRIBE", RedisWord(channel)], now: now)
            case .sendPing: send(["PING"], now: now)
            case .confirm(let member): waiting.removeValue(forKey: member)?.continuation.resume()
            case .gap(let member): buffers[member]?.offer(.gap)
            case .refuse(let member, let message): refuse(member, message)
            }
        }
    }

    private func send(_ words: [RedisWord], now: Instant) {
        output.append(contentsOf: RedisCommand(words).encoded)
        if owesSince == nil { owesSince = now }
    }

    private func refuse(_ member: Member, _ message: String) {
        mailbox.cancel(member)
        if let entrance = waiting.removeValue(forKey: member) {
            entrance.continuation.resume(throwing: RedisError.server(message))
        } else {
            logger.error("Redis ended a subscription", metadata: ["reason": "\(message)"])
        }
        buffers.removeValue(forKey: member)?.end()
    }

    func endOfReplies() {}

    func mayGoToSleep() -> Bool { mailbox.ownerGoesToSleep() }

    func close() {
        mailbox.close()
        _ = collect(now: .now)
        for entrance in waiting.values {
            entrance.continuation.resume(throwing: RedisError.closed(isOutcomeUnknown: false))
        }
        waiting = [:]
        for buffer in buffers.values { buffer.end() }
        buffers = [:]
    }
}
