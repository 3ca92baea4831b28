import Domain
import Jobs
import Testing

@Suite struct PeerWatchTests {
    private let start = ContinuousClock.now
    private func peer(_ id: WorkerID, _ beat: Int) -> WorkerRegistry.Peer {
        WorkerRegistry.Peer(id: id, beat: beat, queues: [])
    }

    private func watch() -> PeerWatch { PeerWatch(deadAfter: .seconds(4), longestGap: .seconds(1)) }

    @Test func `a worker is dead when its beat has stood still for the whole time`() {
        var watch = watch()
        let id = WorkerID.make()
        for step in 0..<16 {
            #expect(watch.look([peer(id, 7)], at: start + .milliseconds(250 * step)).isEmpty)
        }
        #expect(watch.look([peer(id, 7)], at: start + .seconds(4)) == [peer(id, 7)])
    }

    @Test func `a worker that beats just in time lives for ever`() {
        var watch = watch()
        let id = WorkerID.make()
        for step in 0..<400 {
            #expect(watch.look([peer(id, step / 15)], at: start + .milliseconds(250 * step)).isEmpty)
        }
    }

    @Test func `time in which nobody looked does not count`() {
        var watch = watch()
        let id = WorkerID.make()
        _ = watch.look([peer(id, 1)], at: start)
        // The store was away for a minute: everybody gets the full time again.
        #expect(watch.look([peer(id, 1)], at: start + .seconds(60)).isEmpty)
        for step in 1..<16 {
            #expect(watch.look([peer(id, 1)], at: start + .seconds(60) + .milliseconds(250 * step)).isEmpty)
        }
        #expect(watch.look([peer(id, 1)], at: start + .seconds(64)) == [peer(id, 1)])
    }

    @Test func `one that left and one that came do not confuse each other`() {
        var watch = watch()
        let (old, new) = (WorkerID.make(), WorkerID.make())
        for step in 0..<15 { _ = watch.look([peer(old, 1)], at: start + .milliseconds(250 * step)) }
        #expect(watch.look([peer(new, 1)], at: start + .milliseconds(3750)).isEmpty)
        #expect(watch.look([peer(new, 1), peer(old, 1)], at: start + .milliseconds(4000)).isEmpty)
    }
}
