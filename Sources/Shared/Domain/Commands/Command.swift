import FoundationEssentials

/// A request to do something, decoded and valid. Its JSON form is the job's payload, so a worker reads back exactly
/// what
/// the gateway wrote.
package protocol Command: Codable, Sendable {
    static var kind: JobKind { get }
    static var queue: QueueName { get }
    /// Jobs of one tenant with the same key run one after the other. `nil`: no order.
    var orderingKey: String? { get }
    /// The provider's quota it draws on, which may be used up for all jobs at once. `nil`: none.
    var gate: String? { get }
    /// Attempts before the job fails for good.
    static var maxAttempts: Int { get }
    static var attemptTimeoutSeconds: Int { get }
    /// - Throws: `InvalidCommand`, naming every field that is wrong.
    func validate() throws(InvalidCommand)
}

extension Command {
    package var orderingKey: String? { nil }
    package var gate: String? { nil }
    package static var maxAttempts: Int { 5 }
    package static var attemptTimeoutSeconds: Int { 600 }

    /// - Throws: `InvalidCommand`.
    package func specification(queue: QueueName? = nil) throws -> JobSpecification {
        try validate()
        let payload = try JSONEncoder().encode(self)
        var specification = JobSpecification(
            kind: Self.kind, queue: queue ?? Self.queue, payload: [UInt8](payload), orderingKey: orderingKey,
            maxAttempts: Self.maxAttempts, attemptTimeoutSeconds: Self.attemptTimeoutSeconds)
        specification.gate = gate
        return specification
    }

    /// - Throws: `Failure` (permanent, `invalid_payload`): the row was written by something else than this command.
    package static func decode(_ payload: [UInt8]) throws(Failure) -> Self {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(payload))
        } catch {
            throw Failure(
                .permanent, code: "invalid_payload", message: "The job's payload is not one of \(kind.rawValue).")
        }
    }
}

/// What is wrong with a request, field by field.
package struct InvalidCommand: Error, Sendable, Equatable {
    package struct Problem: Sendable, Equatable {
        package var field: String
        /// Says what to do. Never repeats the value.
        package var message: String

        package init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    package var problems: [Problem]

    package init(_ problems: [Problem]) { self.problems = problems }
    package init(field: String, _ message: String) { problems = [Problem(field: field, message: message)] }
}
