/// What is to be done, as the engine stores it. A Command becomes one of these after validation.
package struct JobSpecification: Sendable, Equatable {
    package var kind: JobKind
    package var queue: QueueName
    /// A JSON object, UTF-8.
    package var payload: [UInt8]
    /// Jobs of one tenant with the same key run one after the other, in the order they were accepted. `nil`: no order.
    package var orderingKey: String?
    /// Attempts that may be spent before the job fails for good, 1 to 100.
    package var maxAttempts: Int
    /// How long one attempt may take before it is stopped and counted as failed.
    package var attemptTimeoutSeconds: Int

    package init(
        kind: JobKind, queue: QueueName, payload: [UInt8], orderingKey: String? = nil, maxAttempts: Int = 5,
        attemptTimeoutSeconds: Int = 600
    ) {
        self.kind = kind
        self.queue = queue
        self.payload = payload
        self.orderingKey = orderingKey
        self.maxAttempts = maxAttempts
        self.attemptTimeoutSeconds = attemptTimeoutSeconds
    }
}
