import Logging

/// Who tells a subscriber where to connect; nobody when there is a single server.
enum SubscriberWatch: Sendable {
    case single
    case master(MasterWatch)
    case cluster(ClusterWatch)

    init(configuration: RedisConfiguration, logger: Logger) {
        switch configuration.topology {
        case .single: self = .single
        case .sentinel(let name, let sentinels):
            self = .master(
                MasterWatch(name: name, sentinels: sentinels, configuration: configuration, logger: logger))
        case .cluster(let seeds):
            self = .cluster(ClusterWatch(seeds: seeds, configuration: configuration, logger: logger))
        }
    }

    var thread: ConnectionThread? {
        switch self {
        case .single: nil
        case .master(let watch): watch.thread
        case .cluster(let watch): watch.thread
        }
    }

    func start() {
        switch self {
        case .single: return
        case .master(let watch): watch.start()
        case .cluster(let watch): watch.start()
        }
    }

    func destination(_ endpoint: RedisEndpoint, bell: Wakeup) -> any Destination {
        switch self {
        case .single: FixedDestination(endpoint)
        case .master(let watch): MasterDestination(watch, template: endpoint, bell: bell)
        case .cluster(let watch): AnyNodeDestination(watch, template: endpoint, bell: bell)
        }
    }
}
