/// What an answer says about where a command belongs. Except for `answer` Redis has not carried the command out, so
/// that it may be sent again
/// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding).
enum Redirection: Equatable, Sendable {
    /// The command's own answer, good or bad.
    case answer
    /// This node serves the slot from now on.
    case moved(slot: Int, to: RedisNode)
    /// This node takes this one command.
    case ask(RedisNode)
    /// Later, and to whoever is then right.
    case later

    init(_ reply: RedisReply, saidBy node: RedisNode) {
        self = .answer
        guard case .error(let message) = reply else { return }
        let words = message.split(separator: " ", maxSplits: 3)
        switch words.first {
        case "MOVED":
            guard words.count >= 3, let slot = Int(words[1]), (0..<KeySlot.count).contains(slot),
                let target = RedisNode(words[2], saidBy: node)
            else { return }
            self = .moved(slot: slot, to: target)
        case "ASK":
            guard words.count >= 3, let target = RedisNode(words[2], saidBy: node) else { return }
            self = .ask(target)
        case "TRYAGAIN", "CLUSTERDOWN", "LOADING", "UNBLOCKED": self = .later
        default: return
        }
    }

    /// A master that has become a replica refuses to write (READONLY) and lets go of whoever it had blocked.
    static func isFromFormerMaster(_ reply: RedisReply) -> Bool {
        guard case .error(let message) = reply else { return false }
        return message.hasPrefix("READONLY ") || message.hasPrefix("UNBLOCKED ")
    }
}
