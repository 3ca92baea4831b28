import Redis

extension JobSignals {
    /// Tells every worker that ops changed something. A worker that misses it reads the change within a second.
    package func settingsChanged() async throws {
        _ = try await redis.send(RedisCommand(["PUBLISH", RedisWord(names.changes), "settings"]))
    }
}
