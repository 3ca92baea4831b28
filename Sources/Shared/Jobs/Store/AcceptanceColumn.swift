import Domain
import FoundationEssentials

/// What few jobs say about themselves when they are accepted, as a JSON object that `jobs.insert` takes apart.
enum AcceptanceColumn {
    /// `nil` for a job that says none of it, as most do.
    static func encode(_ job: JobSpecification) -> [UInt8]? {
        guard
            job.start != .now || job.startWithinSeconds != nil || job.finishWithinSeconds != nil || job.unique != nil
                || job.concurrencyKey != nil || job.gate != nil || job.batch != nil || job.parent != nil
                || job.trace != nil
        else { return nil }
        var writer = JSONWriter(capacity: 256)
        writer.object { object in
            switch job.start {
            case .now: break
            case .after(let seconds): object.field("delay", String(seconds))
            case .at(let date): object.field("at", String(date.timeIntervalSince1970))
            }
            if let seconds = job.startWithinSeconds { object.field("start_within", seconds) }
            if let seconds = job.finishWithinSeconds { object.field("finish_within", seconds) }
            if let unique = job.unique { object.field("unique_key", unique.key) }
            if let key = job.concurrencyKey { object.field("concurrency_key", key) }
            if let gate = job.gate { object.field("gate", gate) }
            if let batch = job.batch { object.field("batch", batch.description) }
            if let parent = job.parent { object.field("parent", parent.description) }
            if let trace = job.trace { object.field("trace", trace) }
        }
        return writer.bytes
    }
}
