package import Domain
import Redis

extension JobQueue {
    /// Where the feeding of a list stands.
    package struct Feeding: Sendable {
        /// How often a push found the list full, as a token: it must not have changed when the list is said to have
        /// caught up.
        var spilled: String
        /// The `seq` of the last row that was fed; 0 for a start at the front.
        package var position: Int
    }

    package func feeding(of list: ReadyList) async throws -> Feeding {
        let replies = try await redis.pipeline([
            RedisCommand(["HGET", RedisWord(names.spilled(list.queue)), RedisWord(list.word)]),
            RedisCommand(["HGET", RedisWord(names.fed(list.queue)), RedisWord(list.word)]),
        ])
        for case .error(let message) in replies { throw RedisError.server(message) }
        return Feeding(spilled: replies[0].string ?? "", position: replies[1].string.flatMap { Int($0) } ?? 0)
    }

    /// Puts rows that follow each other in the table behind what the list holds.
    /// - Parameters:
    ///   - feeding: as it was before the rows were read.
    ///   - isComplete: there are no more rows behind these.
    /// - Returns: how many ids were put in.
    package func feed(
        _ rows: [(id: JobID, seq: Int)], to list: ReadyList, _ feeding: Feeding, isComplete: Bool
    ) async throws -> Int {
        let queue = list.queue
        let reply = try await redis.evaluate(
            JobScripts.feed,
            keys: [
                names.ready(list), names.turns(queue), names.shares(queue), names.spilled(queue), names.bell(queue),
                names.fed(queue),
            ],
            arguments: [
                RedisWord(list.word), RedisWord(Self.listLength), RedisWord(feeding.spilled), isComplete ? "1" : "0",
                RedisWord(rows.last?.seq ?? feeding.position),
            ] + rows.map { RedisWord($0.id.description) })
        return reply.int ?? 0
    }
}
