/// Wherever the master is.
final class MasterDestination: Destination {
    private let watch: MasterWatch
    private let template: RedisEndpoint

    init(_ watch: MasterWatch, template: RedisEndpoint, bell: Wakeup) {
        self.watch = watch
        self.template = template
        watch.attach(bell)
    }

    func ask() -> UInt64 { watch.ask() }

    func answer(to question: UInt64) -> Whereabouts {
        let (master, reason) = watch.answer(to: question)
        return master.map { .at(template.at($0)) } ?? .unknown(reason)
    }

    func approves(_ endpoint: RedisEndpoint) -> Bool {
        guard let master = watch.master else { return true }
        return master == endpoint.node
    }

    func hasAlternative(to endpoint: RedisEndpoint) -> Bool { !approves(endpoint) }
    func failed(_ endpoint: RedisEndpoint) { watch.doubt(endpoint.node) }
}
