import Settings

/// What faces the internet: who comes from where, how much and how fast.
struct EdgeSettings {
    var limits: RateLimits
    var proxies: TrustedProxies
    var origins: AllowedOrigins
    var connections: ConnectionRules
    var streams: OpenStreams
    /// Requests that are worked on at once, waits and streams aside.
    var maxRequests: Int

    init(from reader: inout SettingsReader) {
        limits = RateLimits(from: &reader)
        proxies = TrustedProxies(from: &reader)
        origins = AllowedOrigins(from: &reader)
        connections = ConnectionRules(from: &reader)
        streams = OpenStreams(from: &reader)
        maxRequests = reader.int("http.max.requests", default: 1_000, in: 64...100_000)
    }
}
