import Domain
import Jobs

/// A batch as the API shows it.
struct BatchAnswer {
    let batch: Batch

    init(_ batch: Batch) { self.batch = batch }

    static func path(_ id: BatchID) -> String { "/api/v1/batches/\(id)" }

    var writer: JSONWriter {
        var writer = JSONWriter(capacity: 512 + 40 * batch.jobs.count)
        writer.object { object in
            object.field("id", batch.id.description)
            object.field("finished_at", batch.finishedAt)
            object.field("created_at", batch.createdAt)
            object.field("callback_job_id", batch.callback?.description)
            object.key("counts")
            object.object { counts in
                for state in JobState.allCases { counts.field(state.key, batch.counts[state] ?? 0) }
            }
            object.key("job_ids")
            object.array { ids in for id in batch.jobs { ids.string(id.description) } }
            object.key("links")
            object.object { links in
                links.field("self", Self.path(batch.id))
                links.field("wait", "\(Self.path(batch.id))?wait=25")
            }
        }
        return writer
    }
}

extension JobState {
    fileprivate var key: StaticString {
        switch self {
        case .scheduled: "scheduled"
        case .queued: "queued"
        case .running: "running"
        case .waiting: "waiting"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }
}
