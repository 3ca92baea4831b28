import Logging

/// A scout: the link of a watch, from server to server.
enum WatchLink {
    /// Runs until the thread is asked to stop. `servers` is asked anew at each change.
    static func run(
        _ watch: any Watch, thread: ConnectionThread, configuration: RedisConfiguration, logger: Logger,
        servers: @escaping () -> [RedisEndpoint]
    ) {
        var configuration = configuration
        configuration.connectTimeout = min(configuration.connectTimeout, WatchConversation.patience)
        configuration.clientName = nil
        // A scout meets dead servers as a matter of course, again and again; what comes of it is the client's to tell.
        var logger = logger
        logger.logLevel = max(logger.logLevel, .error)
        let rotation = Rotation(start: .random(in: 0..<1_024), servers: servers)
        let conversation = WatchConversation(watch, over: rotation)
        Link(conversation, to: rotation, configuration: configuration, thread: thread, logger: logger).run()
    }
}
