/// Where a link connects to, decided anew for every attempt. Belongs to the link's thread.
protocol Destination: AnyObject {
    /// An attempt is about to begin. The number names the question, for `answer`.
    func ask() -> UInt64
    func answer(to question: UInt64) -> Whereabouts
    /// False when the server is no longer the right one: its connection is given up.
    func approves(_ endpoint: RedisEndpoint) -> Bool
    /// True when waiting for the next attempt makes no sense because another server is meant by now.
    func hasAlternative(to endpoint: RedisEndpoint) -> Bool
    /// No connection to this server could be opened.
    func failed(_ endpoint: RedisEndpoint)
}

enum Whereabouts {
    case at(RedisEndpoint)
    /// Not known yet, and why, if there is a reason. The link's bell rings when it is.
    case unknown(String?)
}

extension Destination {
    func ask() -> UInt64 { 0 }
    func approves(_ endpoint: RedisEndpoint) -> Bool { true }
    func hasAlternative(to endpoint: RedisEndpoint) -> Bool { false }
    func failed(_ endpoint: RedisEndpoint) {}
}

/// Always the same server.
final class FixedDestination: Destination {
    private let endpoint: RedisEndpoint

    init(_ endpoint: RedisEndpoint) { self.endpoint = endpoint }

    func answer(to question: UInt64) -> Whereabouts { .at(endpoint) }
}

/// One server after the other, from `servers` as it is at each attempt; never empty.
final class Rotation: Destination {
    private let servers: () -> [RedisEndpoint]
    private var turn: Int
    /// The last one that was chosen.
    private(set) var current: RedisNode?

    /// Begins with the server at `start` modulo their number.
    init(start: Int, servers: @escaping () -> [RedisEndpoint]) {
        turn = start
        self.servers = servers
    }

    func answer(to question: UInt64) -> Whereabouts {
        let servers = servers()
        turn = (turn + 1) % servers.count
        current = servers[turn].node
        return .at(servers[turn])
    }
}
