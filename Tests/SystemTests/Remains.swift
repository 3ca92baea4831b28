import Foundation
import Postgres
import Redis
import TestSupport

/// All that the programs of a system keep and say: the rows of every table, what Redis holds, and their logs.
struct Remains: Sendable {
    /// By a table's name, `redis` or `logs`.
    let places: [String: Data]

    static func of(_ system: TestSystem) async throws -> Remains {
        var places = ["redis": Data(try await redis(system).utf8), "logs": Data(system.said.utf8)]
        let tables = try await system.owner.query(
            Statement("test.tables", "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"))
        for row in tables {
            let table = try row.text(0)
            let rows = try await system.owner.query(
                Statement("test.text.\(table)", "SELECT one::text FROM \(table) AS one"))
            places[table] = Data(try rows.map { try $0.text(0) }.joined(separator: "\n").utf8)
        }
        return Remains(places: places)
    }

    var byteCount: Int { places.values.map(\.count).reduce(0, +) }

    /// Where a text stands, as it is or in hexadecimal digits, as rows show bytes.
    func holding(_ text: String) -> [String] {
        let forms = [text, text.utf8.map { String(UInt16($0) + 0x100, radix: 16).suffix(2) }.joined()]
        return places.filter { place in forms.contains { place.value.firstRange(of: Data($0.utf8)) != nil } }
            .keys.sorted()
    }

    /// Everything under the system's prefix, as text.
    private static let dump = """
        local reads = {string = {'GET'}, list = {'LRANGE', 0, -1}, hash = {'HGETALL'}, set = {'SMEMBERS'},
                       zset = {'ZRANGE', 0, -1}, stream = {'XRANGE', '-', '+'}}
        local all = {}
        for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
            local read = reads[redis.call('TYPE', key).ok]
            all[#all + 1] = key .. ' ' .. cjson.encode(redis.call(read[1], key, unpack(read, 2)))
        end
        return table.concat(all, '\\n')
        """

    private static func redis(_ system: TestSystem) async throws -> String {
        let redis = RedisClient(configuration: try system.stores.redisConfiguration, logger: TestStores.silent)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await redis.run() }
            defer { group.cancelAll() }
            return try await redis.send(
                RedisCommand(["EVAL", RedisWord(dump), "0", RedisWord(system.stores.prefix)])
            ).string ?? ""
        }
    }
}
