/// How many servers there are and who knows which of them to talk to.
enum RedisTopology: Sendable, Equatable {
    case single
    /// Sentinels, asked in turn, know the address of the master of this name.
    case sentinel(master: String, sentinels: [RedisEndpoint])
    /// Any node knows which node serves which keys; these are the ones to begin with.
    case cluster(seeds: [RedisEndpoint])
}
