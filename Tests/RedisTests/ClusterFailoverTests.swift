import Testing

@testable import Redis

extension LiveTests {
    /// Three real masters and a replica of the first.
    struct ClusterFailoverTests {
        private static let keys = (0..<12).map { ClusterGroup.key(of: $0 % 3, $0) }

        /// Hurts the first master and says how long its keys had no master that served them.
        private func failOver(
            _ what: String, _ group: ClusterGroup, _ hurt: (RedisServer) -> Void
        ) async throws {
            let client = try group.client()
            let load = Load(client, keys: Self.keys)
            let own = Load(try group.client(), keys: [ClusterGroup.key(of: 0, 100)])
            var outage = Duration.zero
            let ownTally = try await own.around {
                let tally = try await load.around {
                    try await eventually("the load runs") { load.current.acknowledged > 500 }
                    hurt(group.masters[0])
                    try await eventually(within: .seconds(20), "the replica has been promoted") {
                        try await group.direct[1].send(RedisCommand(["CLUSTER", "SLOTS"])).array?
                            .contains { $0.array?[2].array?[1].int == group.replicas[0].port } == true
                    }
                    let promoted = ContinuousClock.now
                    let before = own.current.acknowledged
                    try await eventually(within: .seconds(20), "its keys are served") {
                        own.current.acknowledged > before + 20
                    }
                    outage = ContinuousClock.now - promoted
                }
                print("\(what): \(tally.acknowledged) acknowledged, \(tally.failures), back after \(outage)")
                #expect(tally.strangers == 0 && tally.late == 0)
            }
            #expect(ownTally.strangers == 0 && ownTally.late == 0)
            #expect(outage < .seconds(5))
        }

        @Test func `kill -9 of a master under load: its replica is found`() async throws {
            let group = try await ClusterGroup(replicas: 1)
            try await failOver("cluster, kill -9", group) { $0.kill() }
        }

        @Test func `a frozen master is left for its replica`() async throws {
            let group = try await ClusterGroup(replicas: 1)
            try await failOver("cluster, SIGSTOP", group) { $0.freeze() }
        }

        @Test func `subscriptions move to another node, with a gap, and hear what any node is told`() async throws {
            let group = try await ClusterGroup(replicas: 1)
            let client = try group.client()
            let subscribers = try (0..<8).map { _ in try group.subscriber() }
            var subscriptions: [RedisSubscription] = []
            for subscriber in subscribers { subscriptions.append(try await subscriber.subscribe("news")) }
            for direct in group.direct { _ = try await direct.send(RedisCommand(["PUBLISH", "news", "before"])) }
            for subscription in subscriptions {
                for _ in 0..<3 {
                    #expect(await subscription.next(within: .seconds(5)) == .notice(.message(Array("before".utf8))))
                }
            }
            let there = try await group.direct[0].send(RedisCommand(["PUBSUB", "NUMSUB", "news"])).array?[1].int ?? 0
            group.masters[0].kill()
            try await eventually("its subscribers are elsewhere") { try await readers(group) == subscribers.count }
            _ = try await client.send(RedisCommand(["PUBLISH", "news", "after"]))
            var gaps = 0
            for subscription in subscriptions {
                // Those of other nodes miss nothing.
                var notice = await subscription.next(within: .seconds(5))
                if notice == .notice(.gap) {
                    gaps += 1
                    notice = await subscription.next(within: .seconds(5))
                }
                #expect(notice == .notice(.message(Array("after".utf8))))
            }
            #expect(gaps == there)
        }

        /// Subscribers that the nodes which are left have between them.
        private func readers(_ group: ClusterGroup) async throws -> Int {
            var count = 0
            for client in [group.direct[1], group.direct[2], try group.replicas[0].client()] {
                count += try await client.send(RedisCommand(["PUBSUB", "NUMSUB", "news"])).array?[1].int ?? 0
            }
            return count
        }
    }
}
