import Foundation
import HTTPTransport
import Logging
import Synchronization

/// Delivers notifications by POST without a body; not always, not always once, and not always at once, as ordered.
/// "Notifications are not 100% reliable": https://developers.google.com/workspace/calendar/api/guides/push
final class NotificationSender: Sendable {
    struct Weather: Sendable {
        /// How often a message is never sent, and how often it is sent twice, from 0 to 1.
        var loss = 0.0
        var duplication = 0.0
        /// Each message waits any time up to this.
        var maxDelayMilliseconds = 0
    }

    struct Counts: Sendable {
        var due = 0
        var lost = 0
        var sent = 0
        var duplicated = 0
        /// Answered with 2xx.
        var accepted = 0
        /// Answered otherwise, or not at all, after all attempts.
        var failed = 0
        /// Not delivered yet.
        var waiting = 0
    }

    private struct Message: Sendable {
        var channel: NotificationChannel
        var state: String
        var delayMilliseconds: Int
    }

    private struct State: Sendable {
        var weather = Weather()
        var generator = SeededGenerator(seed: 1)
        var counts = Counts()
    }
    private let state = Mutex(State())
    private let transport = HTTPTransport(
        configuration: HTTPTransportConfiguration(
            egress: .any, userAgent: "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"),
        logger: Logger(label: "notifications") { _ in SwiftLogNoOpLogHandler() })
    private let messages: AsyncStream<Message>
    private let queue: AsyncStream<Message>.Continuation
    private static let attempts = 4

    init() { (messages, queue) = AsyncStream.makeStream() }

    func set(_ weather: Weather, seed: Int?) {
        state.withLock { state in
            state.weather = weather
            if let seed { state.generator = SeededGenerator(seed: seed) }
        }
    }

    func reset() { state.withLock { $0 = State(counts: Counts(waiting: $0.counts.waiting)) } }

    var counts: Counts { state.withLock { $0.counts } }

    func send(_ channel: NotificationChannel, state name: String) {
        let delays = state.withLock { state -> [Int] in
            state.counts.due += 1
            let (luck, weather) = (Double.random(in: 0..<1, using: &state.generator), state.weather)
            if luck < weather.loss {
                state.counts.lost += 1
                return []
            }
            let copies = luck < weather.loss + weather.duplication ? 2 : 1
            state.counts.duplicated += copies - 1
            state.counts.waiting += copies
            return (0..<copies).map { _ in
                weather.maxDelayMilliseconds > 0
                    ? Int.random(in: 0...weather.maxDelayMilliseconds, using: &state.generator) : 0
            }
        }
        for delay in delays { queue.yield(Message(channel: channel, state: name, delayMilliseconds: delay)) }
    }

    /// Delivers until it is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await message in messages {
                group.addTask { await self.deliver(message) }
            }
        }
    }

    /// Again after 5xx, as Google does "with exponential backoff"; everything else is final.
    private func deliver(_ message: Message) async {
        defer { state.withLock { $0.counts.waiting -= 1 } }
        try? await Task.sleep(for: .milliseconds(message.delayMilliseconds))
        for attempt in 0..<Self.attempts {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(100 << attempt)) }
            state.withLock { $0.counts.sent += 1 }
            let status = await post(message)
            if let status, (200..<300).contains(status) || status == 102 {
                state.withLock { $0.counts.accepted += 1 }
                return
            }
            if let status, ![500, 502, 503, 504].contains(status) { break }
        }
        state.withLock { $0.counts.failed += 1 }
    }

    /// - Returns: the status; nil: there was no answer.
    private func post(_ message: Message) async -> Int? {
        let request = HTTPRequest(
            method: "POST", url: message.channel.address, headers: message.channel.headers(state: message.state))
        guard let response = try? await transport.send(request) else { return nil }
        _ = try? await response.body.collect(upTo: 1 << 16)
        return response.status
    }
}
