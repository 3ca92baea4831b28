/// The map of a cluster, after what its nodes said: a pure state machine.
struct ClusterBelief {
    /// So many nodes in a row may be behind what is known before the cluster is taken to have been made anew.
    private static let maxRefusals = 8

    private(set) var map: SlotMap?
    private var epoch = 0
    private var refusals = 0

    /// What a node said. Every failover raises the cluster's epoch, so a node that is behind has been cut off from the
    /// others; false for that one.
    mutating func learn(_ map: SlotMap, epoch: Int) -> Bool {
        guard epoch >= self.epoch || refusals >= Self.maxRefusals else {
            refusals += 1
            return false
        }
        (self.map, self.epoch, refusals) = (map, epoch, 0)
        return true
    }

    mutating func move(_ slot: Int, to node: RedisNode) { map?.move(slot, to: node) }
}
