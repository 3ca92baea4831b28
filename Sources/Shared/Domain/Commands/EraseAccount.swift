/// Erase a person whose account is marked as deleted: what is in their own workspace, and the account. What they made
/// in companies stays the companies'.
package struct EraseAccount: Command {
    package static let kind = JobKind(rawValue: "account.erase")
    package static let queue = QueueName.default
    package static let maxAttempts = 30
    package static let attemptTimeoutSeconds = 3600

    package var user: UserID

    package init(user: UserID) { self.user = user }

    package func validate() throws(InvalidCommand) {}

    private enum CodingKeys: String, CodingKey { case user = "user_id" }
}
