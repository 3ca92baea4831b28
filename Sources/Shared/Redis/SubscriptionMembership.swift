/// Shared by the copies of a subscription and its iterators; the last one to go takes it out of the subscriber.
final class SubscriptionMembership: Sendable {
    private let member: SubscriptionTable.Member
    private let mailbox: SubscriptionMailbox

    init(member: SubscriptionTable.Member, mailbox: SubscriptionMailbox) {
        self.member = member
        self.mailbox = mailbox
    }

    deinit { cancel() }

    /// Harmless when repeated.
    func cancel() { mailbox.cancel(member) }
}
