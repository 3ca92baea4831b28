import Domain
import FoundationEssentials

/// A job as a client asks for it: the body of `POST /api/v1/jobs`, and each job of a batch or a schedule.
struct PostedJob: Decodable {
    private(set) var specification: JobSpecification

    enum CodingKeys: String, CodingKey {
        case kind, queue, payload, priority, unique
        case delaySeconds = "delay_seconds"
        case runAt = "run_at"
        case startWithinSeconds = "start_within_seconds"
        case finishWithinSeconds = "finish_within_seconds"
        case orderingKey = "ordering_key"
        case concurrencyKey = "concurrency_key"
        case maxAttempts = "max_attempts"
        case attemptTimeoutSeconds = "attempt_timeout_seconds"
    }

    /// The kinds anybody may post, and how each reads its payload. Chat answers have a route of their own, because they
    /// come with a message.
    private typealias Read = @Sendable (KeyedDecodingContainer<CodingKeys>) throws -> any Command
    private static let kinds: [String: Read] = [
        Noop.kind.rawValue: { try $0.decodeIfPresent(Noop.self, forKey: .payload) ?? Noop() }
    ]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var fields = FieldReader(container)
        let kind = try container.decode(String.self, forKey: .kind)
        let queue = try fields.value(.queue, "must be \(Self.queueNames)") { QueueName($0) }
        guard let read = Self.kinds[kind] else {
            fields.report(.kind, "is not one of: \(Self.kinds.keys.sorted().joined(separator: ", "))")
            throw fields.invalid
        }
        do {
            specification = try read(container).specification(queue: queue)
        } catch let invalid as InvalidCommand {
            throw InvalidCommand(invalid.problems.map { fields.below($0) })
        }
        try Self.readLimits(&fields, into: &specification)
        try Self.readTimes(&fields, into: &specification)
        specification.unique = try container.decodeIfPresent(PostedUniqueness.self, forKey: .unique)?.uniqueness
        try fields.finish()
    }

    static let queueNames = "1 to 63 lower-case letters, digits, _ or -, starting with a letter"

    private static func readLimits(
        _ fields: inout FieldReader<CodingKeys>, into job: inout JobSpecification
    ) throws {
        if let number = try fields.int(.priority, in: 1...4) { job.priority = JobPriority(rawValue: number) ?? .normal }
        if let count = try fields.int(.maxAttempts, in: 1...100) { job.maxAttempts = count }
        if let seconds = try fields.int(.attemptTimeoutSeconds, in: 1...86_400) { job.attemptTimeoutSeconds = seconds }
        job.concurrencyKey = try fields.jobKey(.concurrencyKey) ?? job.concurrencyKey
        if let key = try fields.jobKey(.orderingKey) {
            if let own = job.orderingKey, own != key {
                fields.report(.orderingKey, "must be left out: the payload gives this job its order")
            }
            job.orderingKey = key
        }
    }

    private static func readTimes(
        _ fields: inout FieldReader<CodingKeys>, into job: inout JobSpecification
    ) throws {
        let longest = JobSpecification.maxAheadSeconds
        let delay = try fields.number(.delaySeconds, in: 0...Double(longest))
        let moment = try fields.value(.runAt, "must be a time such as 2026-01-31T08:00:00Z") { RFC3339.date($0) }
        if delay != nil, moment != nil { fields.report(.runAt, "must be left out when delay_seconds is given") }
        if let delay, delay > 0 { job.start = .after(seconds: delay) }
        if let moment {
            if moment.timeIntervalSinceNow > Double(longest) {
                fields.report(.runAt, "must not be more than 366 days ahead")
            }
            job.start = .at(moment)
        }
        job.startWithinSeconds = try fields.int(.startWithinSeconds, in: 1...longest)
        job.finishWithinSeconds = try fields.int(.finishWithinSeconds, in: 1...longest)
    }

    /// The same job as a part of something that was asked for.
    func specification(trace: String? = nil, batch: BatchID? = nil) -> JobSpecification {
        var specification = specification
        specification.trace = trace
        specification.batch = batch
        return specification
    }
}

/// `unique` of a posted job.
struct PostedUniqueness: Decodable {
    let uniqueness: Uniqueness

    private enum CodingKeys: String, CodingKey {
        case key, scope
        case onConflict = "on_conflict"
    }

    private struct Period: Decodable {
        var seconds: Int
        private enum CodingKeys: String, CodingKey { case seconds = "period_seconds" }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var fields = FieldReader(container)
        guard container.contains(.key) else {
            fields.report(.key, "is missing")
            throw fields.invalid
        }
        let key = try fields.jobKey(.key) ?? ""
        let modes = "must be keep, replace or coalesce"
        let onConflict = try fields.value(.onConflict, modes, Uniqueness.OnConflict.init(rawValue:)) ?? .keep
        let scope = try Self.scope(container, &fields) ?? (onConflict == .coalesce ? .pending : .unfinished)
        uniqueness = Uniqueness(key: key, scope: scope, onConflict: onConflict)
        try fields.finish()
    }

    private static func scope(
        _ container: KeyedDecodingContainer<CodingKeys>, _ fields: inout FieldReader<CodingKeys>
    ) throws -> Uniqueness.Scope? {
        guard container.contains(.scope), try !container.decodeNil(forKey: .scope) else { return nil }
        let longest = JobSpecification.maxAheadSeconds
        if let period = try? container.decode(Period.self, forKey: .scope), (1...longest).contains(period.seconds) {
            return .period(seconds: period.seconds)
        }
        switch try? container.decode(String.self, forKey: .scope) {
        case "pending": return .pending
        case "unfinished": return .unfinished
        default:
            fields.report(.scope, #"must be "pending", "unfinished" or {"period_seconds": 1 to \#(longest)}"#)
            return nil
        }
    }
}
