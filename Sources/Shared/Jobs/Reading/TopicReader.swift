package import Redis

/// Waits for changes of what jobs change: subscribe first, then look, then wait. A signal only says when to look again.
package struct TopicReader: Sendable {
    let names: RedisNames
    let subscriber: RedisSubscriber

    package init(names: RedisNames, subscriber: RedisSubscriber) {
        self.names = names
        self.subscriber = subscriber
    }

    /// Looks until there is something, this process shuts down, or the time is over.
    /// - Parameter look: `nil` as long as there is nothing; asked at once, at each signal, and every
    ///   `JobReader.lookAgain` between them.
    package func wait<Found: Sendable>(
        _ topic: Topic, for timeout: Duration, look: () async throws -> Found?
    ) async throws -> Found? {
        let deadline = ContinuousClock.now + timeout
        if let found = try await look() { return found }
        guard timeout > .zero else { return nil }
        let channel = JobChannel(subscriber: subscriber, name: names.channel(topic))
        await channel.open()
        return try await channel.whileServing {
            var isClosing = false
            while true {
                if let found = try await look() { return found }
                if isClosing || ContinuousClock.now >= deadline { return nil }
                isClosing = try await channel.next(until: min(deadline, .now + JobReader.lookAgain)) == .closing
            }
        }
    }
}
