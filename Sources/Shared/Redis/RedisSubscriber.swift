package import Logging
import ServiceLifecycle

/// Subscriptions of any number of readers, all over one connection. A channel is subscribed to once, however many
/// read it, and left when its last reader goes.
///
/// With Sentinel the connection leads to the present master, with Redis Cluster to any node.
///
/// After a broken connection every channel is subscribed to anew and each of its readers gets a `.gap`.
package final class RedisSubscriber: Service, Sendable {
    private let configuration: RedisConfiguration
    private let logger: Logger
    private let thread: ConnectionThread
    private let mailbox: SubscriptionMailbox
    private let watch: SubscriberWatch

    package init(configuration: RedisConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        thread = ConnectionThread(name: "redis-subscribe")
        mailbox = SubscriptionMailbox(
            wakeup: thread.wakeup, maxSubscriptions: configuration.maxSubscriptions)
        watch = SubscriberWatch(configuration: configuration, logger: logger)
    }

    deinit {
        thread.stop(.atOnce)
        watch.thread?.stop(.atOnce)
    }

    /// Keeps the connection until a graceful shutdown or cancellation; every subscription has then ended.
    package func run() async throws {
        start()
        await thread.runUntilStopped { [mailbox] in mailbox.close() }
        watch.thread?.stop(.atOnce)
        await watch.thread?.ended()
    }

    /// Ends every subscription and closes the connection; `run` then returns.
    package func close() {
        start()
        thread.stop(.atOnce)
        watch.thread?.stop(.atOnce)
    }

    /// Returns when Redis has confirmed: whatever is published from then on arrives, or a `.gap` in its place.
    /// Throws `RedisError` (`.connect` or `.timeout` after `commandTimeout`, `.server` when the user may not read the
    /// channel, `.overloaded`, `.closed`) or CancellationError.
    package func subscribe(_ channel: String) async throws -> RedisSubscription {
        let member = try mailbox.newMember()
        let buffer = SubscriptionBuffer(capacity: configuration.subscriptionBuffer)
        let membership = SubscriptionMembership(member: member, mailbox: mailbox)
        start()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                mailbox.enter(
                    SubscriptionMailbox.Entrance(
                        member: member, channel: channel, buffer: buffer, continuation: continuation))
            }
        } onCancel: {
            mailbox.cancel(member)
        }
        return RedisSubscription(channel: channel, membership: membership, buffer: buffer)
    }

    private func start() {
        watch.start()
        let hasThread = thread.start { [configuration, logger, mailbox, thread, watch] in
            let conversation = SubscriptionConversation(
                mailbox: mailbox, configuration: configuration, logger: logger)
            let destination = watch.destination(configuration.endpoint, bell: thread.wakeup)
            Link(conversation, to: destination, configuration: configuration, thread: thread, logger: logger).run()
        }
        if !hasThread { mailbox.close() }
    }
}
