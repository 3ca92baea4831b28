import TestSupport
import Testing

@testable import Redis

extension LiveTests {
    struct SubscriptionTests {
        private func readers(_ client: RedisClient, _ channel: String) async throws -> Int? {
            try await client.send(RedisCommand(["PUBSUB", "NUMSUB", RedisWord(channel)])).array?.last?.int
        }

        private func publish(_ client: RedisClient, _ channel: String, _ text: String) async throws -> Int? {
            try await client.send(RedisCommand(["PUBLISH", RedisWord(channel), RedisWord(text)])).int
        }

        @Test func `what is published after subscribe returned arrives in order`() async throws {
            let (client, subscriber, channel) = (try TestRedis.client(), try TestRedis.subscriber(), TestRedis.key())
            let subscription = try await subscriber.subscribe(channel)
            for number in 0..<500 { #expect(try await publish(client, channel, "\(number)") == 1) }
            var iterator = subscription.makeAsyncIterator()
            for number in 0..<500 {
                #expect(await iterator.next() == .message(Array("\(number)".utf8)))
            }
        }

        @Test func `readers of one channel share Redis' subscription and each get everything`() async throws {
            let (client, subscriber, channel) = (try TestRedis.client(), try TestRedis.subscriber(), TestRedis.key())
            var subscriptions: [RedisSubscription] = []
            for _ in 0..<20 { subscriptions.append(try await subscriber.subscribe(channel)) }
            #expect(try await publish(client, channel, "x") == 1)
            for subscription in subscriptions { #expect(await subscription.next() == .message(Array("x".utf8))) }
            subscriptions.removeLast(19)
            #expect(try await publish(client, channel, "y") == 1)
            #expect(await subscriptions[0].next() == .message(Array("y".utf8)))
        }

        @Test func `a dropped subscription is given back to Redis`() async throws {
            let (client, subscriber, channel) = (try TestRedis.client(), try TestRedis.subscriber(), TestRedis.key())
            do {
                let subscription = try await subscriber.subscribe(channel)
                #expect(try await readers(client, channel) == 1)
                _ = subscription.channel
            }
            try await eventually("Redis has no reader left") { try await readers(client, channel) == 0 }
        }

        @Test func `an iterator alone keeps the subscription`() async throws {
            let (client, subscriber, channel) = (try TestRedis.client(), try TestRedis.subscriber(), TestRedis.key())
            do {
                var iterator = try await subscriber.subscribe(channel).makeAsyncIterator()
                #expect(try await publish(client, channel, "x") == 1)
                #expect(await iterator.next() == .message(Array("x".utf8)))
            }
            try await eventually("Redis has no reader left") { try await readers(client, channel) == 0 }
        }

        @Test func `cancel ends the sequence and the subscription`() async throws {
            let (client, subscriber, channel) = (try TestRedis.client(), try TestRedis.subscriber(), TestRedis.key())
            let subscription = try await subscriber.subscribe(channel)
            async let end: Void = { for await _ in subscription {} }()
            subscription.cancel()
            await end
            try await eventually("Redis has no reader left") { try await readers(client, channel) == 0 }
            let again = try await subscriber.subscribe(channel)
            #expect(try await publish(client, channel, "again") == 1)
            #expect(await again.next() == .message(Array("again".utf8)))
        }

        @Test func `a cancelled reader stops waiting and the subscription lives on`() async throws {
            let (client, subscriber, channel) = (try TestRedis.client(), try TestRedis.subscriber(), TestRedis.key())
            let subscription = try await subscriber.subscribe(channel)
            let reader = Task { await subscription.next() }
            reader.cancel()
            #expect(await reader.value == nil)
            #expect(try await publish(client, channel, "x") == 1)
            #expect(await subscription.next() == .message(Array("x".utf8)))
        }

        @Test func `a bounded wait ends without losing the message that comes after`() async throws {
            let (client, subscriber, channel) = (try TestRedis.client(), try TestRedis.subscriber(), TestRedis.key())
            let subscription = try await subscriber.subscribe(channel)
            #expect(await subscription.next(within: .milliseconds(20)) == .timedOut)
            #expect(try await publish(client, channel, "x") == 1)
            #expect(await subscription.next(within: .seconds(5)) == .notice(.message(Array("x".utf8))))
            subscription.cancel()
            #expect(await subscription.next(within: .seconds(5)) == .ended)
        }

        @Test func `a slow reader finds a gap instead of what did not fit`() async throws {
            var configuration = try TestRedis.configuration()
            configuration.subscriptionBuffer = 8
            let subscriber = RedisSubscriber(configuration: configuration, logger: TestRedis.logger)
            let (client, channel) = (try TestRedis.client(), TestRedis.key())
            let subscription = try await subscriber.subscribe(channel)
            let probe = try await subscriber.subscribe(channel + ":probe")
            for number in 0..<9 { #expect(try await publish(client, channel, "\(number)") == 1) }
            #expect(try await publish(client, channel + ":probe", "x") == 1)
            _ = await probe.next()
            #expect(await subscription.next() == .gap)
            #expect(try await publish(client, channel, "after") == 1)
            #expect(await subscription.next() == .message(Array("after".utf8)))
        }

        @Test func `5,000 channels are read over one connection and given back`() async throws {
            let server = try RedisServer()
            let (client, subscriber) = (try server.client(), try server.subscriber())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<5_000 {
                    group.addTask {
                        let subscription = try await subscriber.subscribe("channel:\(number)")
                        #expect(try await publish(client, "channel:\(number)", "\(number)") == 1)
                        #expect(await subscription.next() == .message(Array("\(number)".utf8)))
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("Redis has no channel left") {
                try await client.send(RedisCommand(["PUBSUB", "CHANNELS"])) == .array([])
            }
            let clients = try await client.send(RedisCommand(["CLIENT", "LIST"])).string ?? ""
            #expect(clients.split(separator: "\n").count == 2)
        }

        @Test func `after a restart every subscription gets a gap and then messages again`() async throws {
            let server = try RedisServer()
            let (client, subscriber) = (try server.client(), try server.subscriber())
            var subscriptions: [RedisSubscription] = []
            for number in 0..<200 { subscriptions.append(try await subscriber.subscribe("channel:\(number)")) }
            server.kill()
            try server.start()
            for subscription in subscriptions { #expect(await subscription.next() == .gap) }
            for (number, subscription) in subscriptions.enumerated() {
                #expect(try await publish(client, "channel:\(number)", "back") == 1)
                #expect(await subscription.next() == .message(Array("back".utf8)))
            }
        }

        @Test func `a frozen Redis is noticed by the heartbeat`() async throws {
            let server = try RedisServer()
            var configuration = try server.configuration(commandTimeout: .milliseconds(200))
            configuration.heartbeatInterval = .milliseconds(100)
            let subscriber = RedisSubscriber(configuration: configuration, logger: TestRedis.logger)
            let subscription = try await subscriber.subscribe("channel")
            server.freeze()
            let late = await redisError { _ = try await subscriber.subscribe("other") }
            #expect(late?.label == "timeout" || late?.label == "connect")
            server.thaw()
            #expect(await subscription.next() == .gap)
        }

        @Test func `a heartbeat with and without subscriptions keeps a quiet connection`() async throws {
            let server = try RedisServer()
            var configuration = try server.configuration(commandTimeout: .milliseconds(500))
            configuration.heartbeatInterval = .milliseconds(20)
            let subscriber = RedisSubscriber(configuration: configuration, logger: TestRedis.logger)
            let subscription = try await subscriber.subscribe("channel")
            #expect(await subscription.next(within: .milliseconds(200)) == .timedOut)
            subscription.cancel()
            let client = try server.client()
            try await eventually("pings without a subscription") {
                try await client.send(RedisCommand(["CLIENT", "LIST"])).string?.contains("cmd=ping") == true
            }
            let again = try await subscriber.subscribe("channel")
            #expect(await again.next(within: .milliseconds(100)) == .timedOut)
            let connections = try await client.send(RedisCommand(["INFO", "stats"])).string ?? ""
            // The subscriber's, the client's, and the one that awaited the server.
            #expect(connections.split(separator: "\r\n").contains("total_connections_received:3"))
        }

        @Test func `a channel the user may not read is refused, others work`() async throws {
            let server = try RedisServer([
                "--user", "default", "on", "nopass", "~*", "resetchannels", "&open*", "+@all",
            ])
            let (client, subscriber) = (try server.client(), try server.subscriber())
            let open = try await subscriber.subscribe("open:1")
            let error = await redisError { _ = try await subscriber.subscribe("hidden:1") }
            #expect(error?.serverCode == "NOPERM")
            #expect(try await publish(client, "open:1", "x") == 1)
            #expect(await open.next() == .message(Array("x".utf8)))
        }

        @Test func `without a server subscribe fails in time`() async throws {
            let port = try FreePort.choose()
            let configuration = try RedisConfiguration(
                url: "redis://127.0.0.1:\(port)", commandTimeout: .milliseconds(200))
            let subscriber = RedisSubscriber(configuration: configuration, logger: TestRedis.logger)
            let error = await redisError { _ = try await subscriber.subscribe("channel") }
            #expect(error == .connect("127.0.0.1:\(port)/0: Connection refused"))
        }

        @Test func `more than maxSubscriptions are refused until one goes`() async throws {
            var configuration = try TestRedis.configuration()
            configuration.maxSubscriptions = 2
            let subscriber = RedisSubscriber(configuration: configuration, logger: TestRedis.logger)
            let (first, second) = (try await subscriber.subscribe("a"), try await subscriber.subscribe("a"))
            #expect(await redisError { _ = try await subscriber.subscribe("a") } == .overloaded)
            first.cancel()
            let third = try await subscriber.subscribe("a")
            _ = (second.channel, third.channel)
        }

        @Test func `close ends every subscription`() async throws {
            let subscriber = try TestRedis.subscriber()
            let subscription = try await subscriber.subscribe(TestRedis.key())
            async let end: Void = { for await _ in subscription {} }()
            subscriber.close()
            await end
            #expect(await redisError { _ = try await subscriber.subscribe("x") }?.label == "closed")
        }

        @Test func `a cancelled subscribe leaves nothing behind`() async throws {
            let server = try RedisServer()
            let (client, subscriber) = (try server.client(), try server.subscriber())
            try await client.ping()
            server.freeze()
            let task = Task { _ = try await subscriber.subscribe("channel") }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            server.thaw()
            let other = try await subscriber.subscribe("other")
            #expect(try await readers(client, "channel") == 0)
            _ = other.channel
        }
    }
}
