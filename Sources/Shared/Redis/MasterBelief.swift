/// Which server is the master, after what the sentinels said: a pure state machine.
///
/// Every failover raises the configuration epoch
/// (https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#configuration-epochs), so that a sentinel
/// which missed one, cut off together with the former master, is not believed.
struct MasterBelief: Equatable {
    private(set) var node: RedisNode?
    private var epoch = 0

    /// What a sentinel said. Returns false when it is behind another one.
    mutating func learn(_ node: RedisNode, epoch: Int) -> Bool {
        if epoch < self.epoch { return false }
        if epoch == self.epoch, let known = self.node, known != node { return false }
        (self.node, self.epoch) = (node, epoch)
        return true
    }

    /// This server cannot be reached or is no master: whatever is said next is believed, so that sentinels which
    /// were set up anew and count from the beginning are not ignored forever.
    mutating func doubt(_ node: RedisNode) {
        if self.node == node { self = MasterBelief() }
    }
}
