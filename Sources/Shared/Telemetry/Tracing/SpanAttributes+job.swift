package import Domain

/// Jobs in the words of the messaging conventions: a queue is a destination, a job a message.
/// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
extension SpanAttributes {
    /// What is done with a job; a span is called by it and the queue: `process chat`.
    package enum JobOperation: String, Sendable {
        /// The gateway accepts it. Kind: producer.
        case send
        /// A worker attempts it. Kind: consumer.
        case process
    }

    package static func job(
        _ operation: JobOperation, _ id: JobID, kind: JobKind, queue: QueueName, attempt: Int? = nil
    ) -> SpanAttributes {
        var attributes: SpanAttributes = [
            "messaging.system": "errand", "messaging.operation.name": .string(operation.rawValue),
            "messaging.operation.type": .string(operation.rawValue),
            "messaging.destination.name": .string(queue.rawValue), "messaging.message.id": .string(id.description),
            "errand.job.kind": .string(kind.rawValue),
        ]
        attributes["errand.job.attempt"] = attempt.map(SpanAttribute.int)
        return attributes
    }
}
