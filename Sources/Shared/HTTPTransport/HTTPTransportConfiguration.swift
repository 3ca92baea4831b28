/// Everything a transport is told at its start.
package struct HTTPTransportConfiguration: Sendable {
    /// Transfers under way at once, each on a connection of its own; one more is `overloaded`. Also the bound on
    /// kept-alive connections.
    package var maxConnections: Int
    /// Transfers under way at once to one host and port.
    package var maxConnectionsPerHost: Int
    package var egress: EgressPolicy
    package var userAgent: String
    /// Path of a PEM file with the only authorities to trust; `nil` trusts the system's.
    package var caBundle: String?
    /// URL of an HTTP proxy for every request; `nil` connects directly. Proxy variables of the environment are ignored.
    package var proxy: String?
    /// How long `run` waits at a graceful shutdown for transfers under way.
    package var drain: Duration

    package init(
        maxConnections: Int = 1024, maxConnectionsPerHost: Int = 1024, egress: EgressPolicy,
        userAgent: String = "errand", caBundle: String? = nil, proxy: String? = nil, drain: Duration = .seconds(5)
    ) {
        self.maxConnections = maxConnections
        self.maxConnectionsPerHost = maxConnectionsPerHost
        self.egress = egress
        self.userAgent = userAgent
        self.caBundle = caBundle
        self.proxy = proxy
        self.drain = drain
    }
}
