/// Any node of a cluster, for subscriptions: the cluster's bus takes messages to all of them.
final class AnyNodeDestination: Destination {
    private let watch: ClusterWatch
    private let template: RedisEndpoint
    private var turn = Int.random(in: 0..<1_024)

    init(_ watch: ClusterWatch, template: RedisEndpoint, bell: Wakeup) {
        self.watch = watch
        self.template = template
        watch.listen { _ in bell.ring() }
    }

    func ask() -> UInt64 {
        watch.ask()
        return 0
    }

    func answer(to question: UInt64) -> Whereabouts {
        guard let members = watch.map?.members, !members.isEmpty else { return .unknown(watch.failure) }
        turn = (turn + 1) % members.count
        return .at(template.at(members[turn]))
    }

    /// A node that the others have declared dead or sent away is no longer a member.
    func approves(_ endpoint: RedisEndpoint) -> Bool { watch.map?.members.contains(endpoint.node) ?? true }
}
