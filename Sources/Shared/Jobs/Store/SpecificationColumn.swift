package import Domain
import FoundationEssentials

/// A `JobSpecification` as a JSON object: what a batch calls back and what a schedule makes. Times are relative, so
/// `start` is left out.
package enum SpecificationColumn {
    private struct Form: Codable {
        var kind: String
        var queue: String
        /// The payload's own text: it comes back byte by byte.
        var payload: String
        var ordering_key: String?
        var max_attempts: Int
        var attempt_timeout_seconds: Int
        var priority: Int
        var start_within: Int?
        var finish_within: Int?
        var unique: Unique?
        var concurrency_key: String?
        var gate: String?
    }

    private struct Unique: Codable {
        var key: String
        /// `pending`, `unfinished`, or the seconds of a period.
        var scope: String
        var on_conflict: Uniqueness.OnConflict
    }

    package static func encode(_ job: JobSpecification) throws -> [UInt8] {
        let form = Form(
            kind: job.kind.rawValue, queue: job.queue.rawValue, payload: String(decoding: job.payload, as: UTF8.self),
            ordering_key: job.orderingKey, max_attempts: job.maxAttempts,
            attempt_timeout_seconds: job.attemptTimeoutSeconds, priority: job.priority.rawValue,
            start_within: job.startWithinSeconds, finish_within: job.finishWithinSeconds,
            unique: job.unique.map { Unique(key: $0.key, scope: text($0.scope), on_conflict: $0.onConflict) },
            concurrency_key: job.concurrencyKey, gate: job.gate)
        return [UInt8](try JSONEncoder().encode(form))
    }

    /// - Throws: `JobStoreError` when a newer version wrote it.
    package static func decode(_ json: [UInt8]) throws -> JobSpecification {
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(json)), let queue = QueueName(form.queue),
            let priority = JobPriority(rawValue: form.priority)
        else { throw JobStoreError.unreadableRow(column: "specification") }
        var job = JobSpecification(
            kind: JobKind(rawValue: form.kind), queue: queue, payload: Array(form.payload.utf8),
            orderingKey: form.ordering_key, maxAttempts: form.max_attempts,
            attemptTimeoutSeconds: form.attempt_timeout_seconds)
        job.priority = priority
        job.startWithinSeconds = form.start_within
        job.finishWithinSeconds = form.finish_within
        job.concurrencyKey = form.concurrency_key
        job.gate = form.gate
        if let unique = form.unique {
            guard let scope = scope(unique.scope) else { throw JobStoreError.unreadableRow(column: "specification") }
            job.unique = Uniqueness(key: unique.key, scope: scope, onConflict: unique.on_conflict)
        }
        return job
    }

    private static func text(_ scope: Uniqueness.Scope) -> String {
        switch scope {
        case .pending: "pending"
        case .unfinished: "unfinished"
        case .period(let seconds): String(seconds)
        }
    }

    private static func scope(_ text: String) -> Uniqueness.Scope? {
        switch text {
        case "pending": .pending
        case "unfinished": .unfinished
        default: Int(text).map { .period(seconds: $0) }
        }
    }
}
