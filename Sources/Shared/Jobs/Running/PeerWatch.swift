import Domain

/// Decides which workers are dead. Pure: what the table showed, and when, goes in; who is to be buried comes out.
///
/// A worker is dead when its beat has not changed while *this* process watched it, without a gap, for the whole time.
/// So no two clocks are compared, and after an outage of the store, in which nobody could beat, everybody gets the full
/// time again.
package struct PeerWatch: Sendable {
    private struct Sighting {
        var beat: Int
        var since: ContinuousClock.Instant
    }

    /// How long a beat must stay the same.
    package let deadAfter: Duration
    /// A longer pause between two looks voids everything seen before it.
    package let longestGap: Duration

    private var sightings: [WorkerID: Sighting] = [:]
    private var lastLook: ContinuousClock.Instant?

    package init(deadAfter: Duration, longestGap: Duration) {
        self.deadAfter = deadAfter
        self.longestGap = longestGap
    }

    /// - Parameter now: when the table was *asked*: a slow answer must not count as time in which a worker was silent.
    /// - Returns: the workers that are dead by what was seen.
    package mutating func look(_ peers: [WorkerRegistry.Peer], at now: ContinuousClock.Instant) -> [WorkerRegistry.Peer]
    {
        if let lastLook, now - lastLook > longestGap { sightings.removeAll() }
        lastLook = now
        var next: [WorkerID: Sighting] = [:]
        var dead: [WorkerRegistry.Peer] = []
        for peer in peers {
            let seen = sightings[peer.id].flatMap { $0.beat == peer.beat ? $0 : nil }
            let sighting = seen ?? Sighting(beat: peer.beat, since: now)
            next[peer.id] = sighting
            if now - sighting.since >= deadAfter { dead.append(peer) }
        }
        sightings = next
        return dead
    }
}
