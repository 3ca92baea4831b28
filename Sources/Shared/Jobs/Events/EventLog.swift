package import Domain
package import Redis

/// A job's events while it runs and for a while after: a Redis stream whose entry ids are the cursors, so Redis itself
/// refuses an event of an attempt that a newer one has replaced.
///
/// Errors are `RedisError`, unless a method says otherwise.
package struct EventLog: Sendable {
    let redis: RedisClient
    let names: RedisNames
    /// How long a log is kept after its last event. Afterwards the row's final text takes its place.
    package static let keptSeconds = 3600

    package init(redis: RedisClient, names: RedisNames) {
        self.redis = redis
        self.names = names
    }

    package enum Appended: Sendable, Equatable {
        /// `length` is how many events the log holds now: fewer than expected means that Redis lost some.
        case ok(length: Int)
        /// A newer attempt writes this log.
        case stale
        /// The log holds this very event already, or a later one of this attempt: an earlier try went through.
        case repeated
    }

    package func append(_ event: JobEvent, at cursor: EventCursor, job: JobID) async throws -> Appended {
        let reply = try await redis.evaluate(
            JobScripts.append, keys: [names.events(job)],
            arguments: [
                RedisWord(cursor.attempt), RedisWord(cursor.sequence), RedisWord(event.name),
                RedisWord(Self.data(of: event)), RedisWord(Self.keptSeconds), RedisWord(names.channel(job)),
            ])
        guard let fields = reply.array, fields.count == 2 else { throw RedisError.protocolViolation("append.lua") }
        if let length = fields[1].int { return .ok(length: length) }
        guard let last = fields[1].string.flatMap({ EventCursor($0) }) else {
            throw RedisError.protocolViolation("append.lua")
        }
        return last.attempt > cursor.attempt ? .stale : .repeated
    }

    /// Events after a cursor, oldest first, at most `limit`. An empty answer may also mean that the log is gone.
    package func read(_ job: JobID, after cursor: EventCursor, limit: Int) async throws -> [PlacedEvent] {
        let from = cursor == .start ? "-" : "(\(cursor)"
        let command = RedisCommand([
            "XRANGE", RedisWord(names.events(job)), RedisWord(from), "+", "COUNT", RedisWord(limit),
        ])
        return (try await redis.send(command).array ?? []).compactMap(Self.event)
    }

    private static func data(of event: JobEvent) -> String {
        switch event {
        case .attempt(let number): String(number)
        case .delta(let text), .snapshot(let text), .progress(let text): text
        }
    }

    /// An entry is `[id, [n, name, d, data]]`. `nil` for one that a newer version wrote: the reader skips it.
    private static func event(_ entry: RedisReply) -> PlacedEvent? {
        guard let parts = entry.array, parts.count == 2, let cursor = parts[0].string.flatMap({ EventCursor($0) }),
            let fields = parts[1].array, fields.count >= 4, let name = fields[1].string, let data = fields[3].string
        else { return nil }
        switch name {
        case "attempt": return PlacedEvent(cursor: cursor, event: .attempt(cursor.attempt))
        case "delta": return PlacedEvent(cursor: cursor, event: .delta(data))
        case "snapshot": return PlacedEvent(cursor: cursor, event: .snapshot(data))
        case "progress": return PlacedEvent(cursor: cursor, event: .progress(data))
        default: return nil
        }
    }
}
