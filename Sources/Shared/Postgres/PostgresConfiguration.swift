/// How to reach the server, and the bound of everything that can wait.
package struct PostgresConfiguration: Sendable {
    /// libpq's form: `postgresql://user:password@host:port/database?sslmode=…`. What it says (application_name,
    /// options, keepalives, tcp_user_timeout) wins over the fields below. Never logged.
    package var url: String
    /// Connections at most; each costs one thread here and one process on the server.
    package var poolSize: Int
    /// Callers that may wait for a connection; one more gets `tooManyWaiters`.
    package var maxWaiters: Int
    /// How long a caller waits for a connection before `acquireTimeout`.
    package var acquireTimeout: Duration
    /// From the first packet to "ready". Name resolution is not covered: it ends by the system's resolver timeouts.
    package var connectTimeout: Duration
    /// How long a statement may run before it is cancelled on the server.
    package var statementTimeout: Duration
    /// How long the server may take to confirm a cancellation before the connection is dropped.
    package var cancelTimeout: Duration
    /// How long statements under way may go on once the pool closes.
    package var drainTimeout: Duration
    /// Sent data unacknowledged for so long means that the peer is gone.
    package var tcpUserTimeout: Duration
    /// Silence before the first keep-alive probe; five seconds between probes, three unanswered end the connection.
    package var keepaliveIdle: Duration
    /// Shown in pg_stat_activity.
    package var applicationName: String
    /// False behind PgBouncer in transaction mode: every call then carries its SQL, and no session state is used.
    package var preparedStatements: Bool

    package init(
        url: String, poolSize: Int = 8, maxWaiters: Int = 4096, acquireTimeout: Duration = .seconds(5),
        connectTimeout: Duration = .seconds(5), statementTimeout: Duration = .seconds(30),
        cancelTimeout: Duration = .seconds(3), drainTimeout: Duration = .seconds(10),
        tcpUserTimeout: Duration = .seconds(10), keepaliveIdle: Duration = .seconds(15),
        applicationName: String = "errand", preparedStatements: Bool = true
    ) {
        precondition(poolSize > 0 && maxWaiters >= 0, "a pool needs at least one connection")
        self.url = url
        self.poolSize = poolSize
        self.maxWaiters = maxWaiters
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.cancelTimeout = cancelTimeout
        self.drainTimeout = drainTimeout
        self.tcpUserTimeout = tcpUserTimeout
        self.keepaliveIdle = keepaliveIdle
        self.applicationName = applicationName
        self.preparedStatements = preparedStatements
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomReflectable {
    /// Without the URL, which may hold a password.
    package var description: String { "PostgresConfiguration(poolSize: \(poolSize), application: \(applicationName))" }
    package var customMirror: Mirror { Mirror(self, children: ["poolSize": poolSize], displayStyle: .struct) }
}
