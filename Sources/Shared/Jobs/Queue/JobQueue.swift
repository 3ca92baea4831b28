package import Domain
package import Redis

/// The Redis lists that hand jobs over. They hold ids and no truth: a list that is lost is rebuilt from the rows.
///
/// Errors are `RedisError`.
package struct JobQueue: Sendable {
    let redis: RedisClient
    let names: RedisNames
    /// Ids a script gets at once: Lua's `unpack` and Redis' patience both have an end.
    static let idsPerCall = 1000

    package init(redis: RedisClient, names: RedisNames) {
        self.redis = redis
        self.names = names
    }

    /// Puts jobs at the back of their queues, in the order given.
    package func push(_ jobs: [QueuedJob]) async throws {
        for (queue, group) in Dictionary(grouping: jobs, by: \.queue) {
            for ids in group.map(\.id).chunks(of: Self.idsPerCall) {
                _ = try await redis.evaluate(
                    JobScripts.push, keys: [names.ready(queue), names.known(queue)], arguments: Self.words(ids))
            }
        }
    }

    /// Moves up to `count` ids, oldest first, from the queue to this worker. They are its own until it acknowledges
    /// them, gives them back, or is buried.
    package func take(upTo count: Int, from queue: QueueName, by worker: WorkerID) async throws -> [JobID] {
        let reply = try await redis.evaluate(
            JobScripts.take, keys: [names.ready(queue), names.taken(queue, by: worker)],
            arguments: [RedisWord(min(count, Self.idsPerCall))])
        return Self.ids(reply)
    }

    /// The same for one id, waiting for it up to `seconds`. `nil` when none came.
    /// - Parameter blocking: a connection of its own. Cancelling the task closes it; an id whose answer was lost that
    ///   way is in the worker's taken list.
    package func awaitOne(
        from queue: QueueName, by worker: WorkerID, seconds: Int, on blocking: RedisBlockingClient
    ) async throws -> JobID? {
        let command = RedisCommand([
            "BLMOVE", RedisWord(names.ready(queue)), RedisWord(names.taken(queue, by: worker)), "RIGHT", "LEFT",
            RedisWord(seconds),
        ])
        return try await blocking.send(command, timeout: .seconds(seconds + 2)).string.flatMap { JobID($0) }
    }

    /// Forgets ids whose rows have been claimed, or need nobody.
    package func acknowledge(_ ids: [JobID], queue: QueueName, by worker: WorkerID) async throws {
        for part in ids.chunks(of: Self.idsPerCall) {
            _ = try await redis.evaluate(
                JobScripts.acknowledge, keys: [names.taken(queue, by: worker), names.known(queue)],
                arguments: Self.words(part))
        }
    }

    /// Returns what a worker took and did not acknowledge to the front of the queue. Returns how many ids went back.
    package func giveBack(queue: QueueName, by worker: WorkerID) async throws -> Int {
        let reply = try await redis.evaluate(
            JobScripts.giveBack, keys: [names.ready(queue), names.taken(queue, by: worker)], arguments: [])
        return reply.int ?? 0
    }

    /// Which of the ids no list of this queue holds.
    package func missing(_ ids: [JobID], queue: QueueName) async throws -> [JobID] {
        guard !ids.isEmpty else { return [] }
        let words: [RedisWord] = ["SMISMEMBER", RedisWord(names.known(queue))] + Self.words(ids)
        let known = try await redis.send(RedisCommand(words)).array ?? []
        return zip(ids, known).filter { $0.1.int == 0 }.map(\.0)
    }

    /// How many ids wait in the ready list.
    package func depth(_ queue: QueueName) async throws -> Int {
        try await redis.send(RedisCommand(["LLEN", RedisWord(names.ready(queue))])).int ?? 0
    }

    private static func words(_ ids: some Sequence<JobID>) -> [RedisWord] { ids.map { RedisWord($0.description) } }
    private static func ids(_ reply: RedisReply) -> [JobID] {
        (reply.array ?? []).compactMap { $0.string.flatMap { JobID($0) } }
    }
}

extension Array {
    func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: startIndex, to: endIndex, by: size).map { self[$0..<Swift.min($0 + size, endIndex)] }
    }
}
