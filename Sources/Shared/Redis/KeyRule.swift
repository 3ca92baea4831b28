/// Where a command's keys are among its words, the name being word 0
/// (https://redis.io/docs/latest/develop/reference/key-specs/).
enum KeyRule {
    case none
    case only(Int)
    case firstTwo
    /// All words from this one on, but for so many at the end.
    case from(Int, butLast: Int = 0)
    case everySecond
    /// The word at this index says how many keys follow it; a destination may stand before it.
    case counted(Int, hasDestination: Bool = false)
    /// The first half of what follows the word STREAMS.
    case streams

    func keyIndexes(_ words: EncodedWords) -> [Int] {
        let count = words.count
        switch self {
        case .none: return []
        case .only(let index): return index < count ? [index] : []
        case .firstTwo: return Array(1..<max(1, min(3, count)))
        case .from(let first, let butLast): return Array(first..<max(first, count - butLast))
        case .everySecond: return Array(stride(from: 1, to: count, by: 2))
        case .counted(let index, let hasDestination):
            let keys = max(0, words.number(at: index) ?? 0)
            let end = min(count, index + 1 + min(keys, count))
            return (hasDestination && count > 1 ? [1] : []) + Array((index + 1)..<max(index + 1, end))
        case .streams:
            let mark = (0..<count).first { String(decoding: words[$0], as: UTF8.self).uppercased() == "STREAMS" }
            guard let mark else { return [] }
            return Array((mark + 1)..<(mark + 1 + (count - mark - 1) / 2))
        }
    }

    /// What is not listed has its one key as first argument.
    static let rules: [String: KeyRule] = {
        var rules: [String: KeyRule] = [:]
        func add(_ rule: KeyRule, _ names: String) {
            for name in names.split(separator: " ") { rules[String(name)] = rule }
        }
        add(.none, "PING ECHO TIME INFO DBSIZE FLUSHALL FLUSHDB SCRIPT CLIENT CONFIG CLUSTER COMMAND ACL AUTH HELLO")
        add(.none, "FUNCTION KEYS LATENCY LOLWUT MODULE PUBSUB RANDOMKEY ROLE SCAN SLOWLOG WAIT WAITAOF SAVE BGSAVE")
        add(.none, "LASTSAVE BGREWRITEAOF SWAPDB SHUTDOWN REPLICAOF QUIT RESET")
        add(.only(2), "OBJECT XINFO XGROUP MEMORY DEBUG")
        add(.from(1), "DEL UNLINK EXISTS TOUCH MGET SINTER SUNION SDIFF SINTERSTORE SUNIONSTORE SDIFFSTORE")
        add(.from(1), "PFCOUNT PFMERGE")
        add(.from(2), "BITOP")
        add(.from(1, butLast: 1), "BLPOP BRPOP BZPOPMIN BZPOPMAX")
        add(.firstTwo, "RENAME RENAMENX LMOVE BLMOVE RPOPLPUSH BRPOPLPUSH SMOVE COPY ZRANGESTORE GEOSEARCHSTORE LCS")
        add(.everySecond, "MSET MSETNX")
        add(.counted(1), "LMPOP ZMPOP SINTERCARD ZINTER ZUNION ZDIFF ZINTERCARD")
        add(.counted(2), "EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO BLMPOP BZMPOP")
        add(.counted(2, hasDestination: true), "ZUNIONSTORE ZINTERSTORE ZDIFFSTORE")
        add(.streams, "XREAD XREADGROUP")
        return rules
    }()
}
