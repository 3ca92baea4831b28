/// Where Redis is and how much time and room its clients may take.
package struct RedisConfiguration: Sendable {
    /// How to talk to a server that holds data; where it is says `topology`, unless there is a single one.
    let endpoint: RedisEndpoint
    let topology: RedisTopology

    /// For name resolution, TCP, TLS and AUTH together.
    package var connectTimeout: Duration
    /// From the call of `send` to its reply, waiting for a connection included.
    package var commandTimeout: Duration
    /// Commands that may wait for their reply at once; one more is refused with `.overloaded`.
    package var maxPending: Int
    /// Encoded bytes of all commands that wait.
    package var maxPendingBytes: Int
    /// The largest reply that is accepted, in bytes on the wire.
    package var maxReplyBytes: Int
    /// Live subscriptions of one subscriber.
    package var maxSubscriptions: Int
    /// Notices a subscription holds for a slow reader before they collapse into one `.gap`.
    package var subscriptionBuffer: Int
    /// A subscriber whose connection has been silent for so long asks for a sign of life.
    package var heartbeatInterval: Duration
    /// CLIENT SETNAME, seen in CLIENT LIST; nil gives none. No spaces.
    package var clientName: String?
    /// PEM file with the authorities a `rediss://` server's certificate must lead to; nil uses the system's.
    /// `?ca=/path` in the URL sets it too.
    package var certificateAuthorityFile: String?

    /// Takes `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. User and password percent-encoded.
    /// With Sentinel `redis+sentinel://[user:password@]host:port,host:port…/master-name[/db]`, the hosts being the
    /// sentinels, whose own login is `?sentinel_password=` (and `&sentinel_user=`). With Redis Cluster
    /// `redis+cluster://[user:password@]host:port,host:port…`, any of its nodes. Both also as `rediss+…`.
    /// Throws `RedisError.configuration` with a reason that does not repeat the URL.
    package init(
        url: String, connectTimeout: Duration = .seconds(5), commandTimeout: Duration = .seconds(5),
        maxPending: Int = 65_536
    ) throws(RedisError) {
        let location = try RedisLocation(url: url)
        endpoint = location.endpoint
        topology = location.topology
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.maxPending = maxPending
        maxPendingBytes = 64 << 20
        maxReplyBytes = 64 << 20
        maxSubscriptions = 65_536
        subscriptionBuffer = 1_024
        heartbeatInterval = .seconds(10)
        certificateAuthorityFile = endpoint.certificateAuthorityFile
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host, port and database; never user or password.
    package var description: String {
        switch topology {
        case .single: endpoint.description
        case .sentinel(let master, let sentinels): "\(master)/\(endpoint.database) of \(Self.list(sentinels))"
        case .cluster(let seeds): "cluster of \(Self.list(seeds))"
        }
    }
    private static func list(_ endpoints: [RedisEndpoint]) -> String {
        endpoints.map(\.node.description).joined(separator: ",")
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
