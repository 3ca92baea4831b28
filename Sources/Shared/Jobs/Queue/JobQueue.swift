package import Domain
package import Redis

/// The Redis lists that hand jobs over, one for each queue, tenant and priority. They hold ids and no truth: a list
/// that is lost is rebuilt from the rows. A list is bounded; what waits beyond that stays in the table, and the list is
/// fed from there as it gets shorter.
///
/// Errors are `RedisError`.
package struct JobQueue: Sendable {
    let redis: RedisClient
    let names: RedisNames
    /// For hand-overs that somebody waits for, and that the feeder makes good when they fail.
    package let fuse = Fuse()
    /// Ids a script gets at once: Lua's `unpack` and Redis' patience both have an end.
    static let idsPerCall = 1000
    /// The longest a list gets by itself, in ids. About 40 bytes each.
    package static let listLength = 10_000
    /// A spilled list that is shorter is fed up to so many ids more.
    static let feedBelow = 5_000

    package init(redis: RedisClient, names: RedisNames) {
        self.redis = redis
        self.names = names
    }

    package enum Place: String, Sendable {
        /// Behind everything of the same list; turned away when the list is full, to be fed later.
        case back
        /// To be taken next: jobs that waited before.
        case front
    }

    /// Puts jobs into their lists, in the order given.
    package func push(_ jobs: [QueuedJob], at place: Place = .back) async throws {
        for (queue, group) in Dictionary(grouping: jobs, by: \.queue) {
            for part in group.chunks(of: Self.idsPerCall) {
                let keys = [names.turns(queue), names.shares(queue), names.spilled(queue), names.bell(queue)]
                var arguments: [RedisWord] = [
                    RedisWord(names.readyPrefix(queue)), RedisWord(Self.listLength), RedisWord(place.rawValue),
                ]
                for (list, jobs) in Dictionary(grouping: part, by: \.list) {
                    arguments.append(RedisWord(list.word))
                    arguments.append(RedisWord(jobs.count))
                    arguments += jobs.map { RedisWord($0.id.description) }
                }
                _ = try await redis.evaluate(JobScripts.push, keys: keys, arguments: arguments)
            }
        }
    }

    /// What a worker got.
    package struct Taken: Sendable {
        /// Oldest first.
        package var jobs: [QueuedJob]
        /// Lists that wait to be fed from the table.
        package var hungry: [ReadyList]
    }

    /// Moves up to `count` ids to this worker, tenants taking turns by weight. They are its own until it takes again
    /// with `claimed`, gives them back, or is buried.
    /// - Parameter claimed: what it took before needs nobody any more. Otherwise that is handed out again first.
    package func take(
        upTo count: Int, from queue: QueueName, by worker: WorkerID, claimed: Bool
    ) async throws -> Taken {
        let reply = try await redis.evaluate(
            JobScripts.take,
            keys: [
                names.turns(queue), names.taken(queue, by: worker), names.shares(queue), names.holds(queue),
                names.spilled(queue),
            ],
            arguments: [
                RedisWord(min(count, Self.idsPerCall)), RedisWord(names.readyPrefix(queue)), claimed ? "1" : "0",
                RedisWord(Self.feedBelow),
            ])
        let parts = reply.array ?? []
        guard parts.count == 2 else { throw RedisError.protocolViolation("take.lua") }
        return Taken(
            jobs: Self.words(parts[0]).compactMap { QueuedJob(queue: queue, word: $0) },
            hungry: Self.words(parts[1]).compactMap { ReadyList(queue: queue, word: $0) })
    }

    /// Waits until a job may be there, up to `seconds`.
    /// - Parameter blocking: a connection of its own. Cancelling the task closes it.
    package func awaitBell(_ queue: QueueName, seconds: Int, on blocking: RedisBlockingClient) async throws {
        let command = RedisCommand(["BLPOP", RedisWord(names.bell(queue)), RedisWord(seconds)])
        _ = try await blocking.send(command, timeout: .seconds(seconds + 2))
    }

    /// Whom a limit holds back.
    package enum Hold: Sendable, Hashable {
        case queue
        case tenant(TenantID)

        var word: String {
            switch self {
            case .queue: "*"
            case .tenant(let tenant): tenant.description
            }
        }
    }

    /// Returns what a worker took and did not claim to the front of its lists. Returns how many ids went back.
    /// - Parameters:
    ///   - jobs: which; `nil` for all.
    ///   - hold: whom to hold back for so many milliseconds, unless it is released before.
    package func giveBack(
        _ jobs: [QueuedJob]? = nil, queue: QueueName, by worker: WorkerID,
        hold: (whom: Hold, milliseconds: Int)? = nil
    ) async throws -> Int {
        if let jobs, jobs.isEmpty { return 0 }
        let reply = try await redis.evaluate(
            JobScripts.giveBack,
            keys: [
                names.taken(queue, by: worker), names.turns(queue), names.shares(queue), names.bell(queue),
                names.holds(queue),
            ],
            arguments: [
                RedisWord(names.readyPrefix(queue)), RedisWord(hold?.whom.word ?? ""),
                RedisWord(hold?.milliseconds ?? 0),
            ] + (jobs ?? []).map { RedisWord($0.word) })
        return reply.int ?? 0
    }

    /// Lets go of what is held back.
    package func release(_ holds: Set<Hold>, queue: QueueName) async throws {
        guard !holds.isEmpty else { return }
        _ = try await redis.evaluate(
            JobScripts.release, keys: [names.holds(queue), names.bell(queue)],
            arguments: holds.map { RedisWord($0.word) })
    }

    /// Which of these lists lack the id that should be taken from them next.
    package func missing(_ heads: [QueuedJob], queue: QueueName) async throws -> [ReadyList] {
        guard !heads.isEmpty else { return [] }
        let reply = try await redis.evaluate(
            JobScripts.missing, keys: [names.turns(queue)],
            arguments: [RedisWord(names.readyPrefix(queue))]
                + heads.flatMap { [RedisWord($0.list.word), RedisWord($0.id.description)] })
        return Self.words(reply).compactMap { ReadyList(queue: queue, word: $0) }
    }

    /// The ids of a list, next to be taken first, at most `limit`.
    package func next(of list: ReadyList, limit: Int) async throws -> [JobID] {
        let command = RedisCommand(["LRANGE", RedisWord(names.ready(list)), RedisWord(-limit), "-1"])
        return Self.words(try await redis.send(command)).reversed().compactMap { JobID($0) }
    }

    /// How many ids wait in a list.
    package func depth(_ list: ReadyList) async throws -> Int {
        try await redis.send(RedisCommand(["LLEN", RedisWord(names.ready(list))])).int ?? 0
    }

    /// Sets the weights of tenants that have one of their own; the others weigh 1.
    package func setWeights(_ weights: [TenantID: Double], queue: QueueName) async throws {
        let name = RedisWord(names.shares(queue))
        let known = Self.words(try await redis.send(RedisCommand(["HKEYS", name]))).compactMap { TenantID($0) }
        let stale = known.filter { weights[$0] == nil }
        if !stale.isEmpty {
            _ = try await redis.send(RedisCommand(["HDEL", name] + stale.map { RedisWord($0.description) }))
        }
        guard !weights.isEmpty else { return }
        let pairs = weights.flatMap { [RedisWord($0.key.description), RedisWord(String($0.value))] }
        _ = try await redis.send(RedisCommand(["HSET", name] + pairs))
    }

    static func words(_ reply: RedisReply) -> [String] { (reply.array ?? []).compactMap(\.string) }
}

extension Array {
    func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: startIndex, to: endIndex, by: size).map { self[$0..<Swift.min($0 + size, endIndex)] }
    }
}
