/// Where Redis is and how much time and room its clients may take.
package struct RedisConfiguration: Sendable {
    let endpoint: RedisEndpoint

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
    /// Throws `RedisError.configuration` with a reason that does not repeat the URL.
    package init(
        url: String, connectTimeout: Duration = .seconds(5), commandTimeout: Duration = .seconds(5),
        maxPending: Int = 65_536
    ) throws(RedisError) {
        endpoint = try RedisEndpoint(url: url)
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
    package var description: String { endpoint.description }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
