import Domain

/// A job as the API shows it.
struct JobAnswer {
    let job: Job

    init(_ job: Job) { self.job = job }

    static func path(_ id: JobID) -> String { "/api/v1/jobs/\(id)" }

    func write(to writer: inout JSONWriter) {
        writer.object { writeFields(to: &$0) }
    }

    func writeFields(to object: inout JSONWriter) {
        object.field("id", job.id.description)
        object.field("kind", job.kind.rawValue)
        object.field("queue", job.queue.rawValue)
        object.field("state", job.state.rawValue)
        object.field("attempt", job.attempt)
        object.field("attempts_spent", job.attemptsSpent)
        object.field("max_attempts", job.maxAttempts)
        object.field("priority", job.priority.rawValue)
        object.field("created_at", job.createdAt)
        object.field("run_at", job.runAt)
        object.field("started_at", job.startedAt)
        object.field("finished_at", job.finishedAt)
        object.field("cancel_requested", job.cancelRequested)
        object.field("progress", json: job.progress)
        object.field("batch_id", job.batch?.description)
        object.field("parent_id", job.parent?.description)
        object.field("retries", job.retries)
        object.field("discarded", job.isDiscarded)
        object.field("result", json: job.result)
        object.key("failure")
        writeFailure(to: &object)
        object.key("links")
        writeLinks(to: &object)
    }

    private func writeFailure(to writer: inout JSONWriter) {
        guard let failure = job.failure else { return writer.null() }
        writer.object { object in
            object.field("kind", failure.kind.rawValue)
            object.field("code", failure.code)
            object.field("message", failure.message)
        }
    }

    private func writeLinks(to writer: inout JSONWriter) {
        let path = Self.path(job.id)
        writer.object { object in
            object.field("self", path)
            object.field("wait", "\(path)?wait=25")
            object.field("events", "\(path)/events")
            object.field("cancel", "\(path)/cancel")
        }
    }
}
