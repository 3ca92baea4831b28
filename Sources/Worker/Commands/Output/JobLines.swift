import Domain
import FoundationEssentials
import Jobs

/// Jobs as operators see them.
enum JobLines {
    static func table(_ jobs: [Job]) -> String {
        var table = TextTable([
            ("ID", .left), ("KIND", .left), ("QUEUE", .left), ("STATE", .left), ("TRY", .right), ("CREATED", .right),
            ("TENANT", .left), ("FAILURE", .left),
        ])
        for job in jobs {
            table.add([
                job.id.description, job.kind.rawValue, job.queue.rawValue, state(job),
                "\(job.attemptsSpent)/\(job.maxAttempts)", Words.ago(job.createdAt), job.tenant.description,
                job.failure?.code ?? "-",
            ])
        }
        return table.text
    }

    private static func state(_ job: Job) -> String {
        if job.isDiscarded { return "discarded" }
        return job.cancelRequested && !job.state.isTerminal ? "\(job.state.rawValue) (cancelling)" : job.state.rawValue
    }

    /// One line for each thing there is to say.
    static func sheet(_ detail: JobStore.JobDetail) -> String {
        let job = detail.job
        var lines: [(String, String)] = [
            ("id", job.id.description), ("tenant", job.tenant.description), ("kind", job.kind.rawValue),
            ("queue", job.queue.rawValue), ("state", state(job)), ("priority", "\(job.priority.rawValue)"),
            ("attempts", "\(job.attempt) started, \(job.attemptsSpent) of \(job.maxAttempts) spent"),
            ("created", Words.time(job.createdAt)), ("runs from", Words.time(job.runAt)),
            ("started", Words.time(job.startedAt)), ("finished", Words.time(job.finishedAt)),
        ]
        let optional: [(String, String?)] = [
            ("worker", detail.worker?.description), ("ordering key", detail.orderingKey),
            ("unique key", detail.uniqueKey), ("concurrency key", detail.concurrencyKey), ("gate", detail.gate),
            ("batch", job.batch?.description), ("parent", job.parent?.description),
            ("retries", job.retries > 0 ? "\(job.retries)" : nil), ("progress", job.progress.map(text)),
            ("failure", job.failure.map { "\($0.code): \($0.message)" }), ("deaths", detail.deaths.map(text)),
            ("trace", detail.trace), ("payload", text(detail.payload)), ("result", job.result.map(text)),
        ]
        lines += optional.compactMap { line in line.1.map { (line.0, $0) } }
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { name, value in
            name + String(repeating: " ", count: width - name.count) + "  " + value + "\n"
        }.joined()
    }

    private static func text(_ json: [UInt8]) -> String { String(decoding: json, as: UTF8.self) }

    static func write(_ job: Job, to writer: inout JSONWriter) {
        writer.object { writeFields(job, to: &$0) }
    }

    static func write(_ detail: JobStore.JobDetail, to writer: inout JSONWriter) {
        writer.object { object in
            writeFields(detail.job, to: &object)
            object.field("worker", detail.worker?.description)
            object.field("ordering_key", detail.orderingKey)
            object.field("unique_key", detail.uniqueKey)
            object.field("concurrency_key", detail.concurrencyKey)
            object.field("gate", detail.gate)
            object.field("trace", detail.trace)
            object.field("deaths", json: detail.deaths)
            object.field("payload", json: detail.payload)
            object.field("result", json: detail.job.result)
            object.field("progress", json: detail.job.progress)
        }
    }

    /// The names are those of the API.
    private static func writeFields(_ job: Job, to object: inout JSONWriter) {
        object.field("id", job.id.description)
        object.field("tenant", job.tenant.description)
        object.field("kind", job.kind.rawValue)
        object.field("queue", job.queue.rawValue)
        object.field("state", job.state.rawValue)
        object.field("priority", job.priority.rawValue)
        object.field("attempt", job.attempt)
        object.field("attempts_spent", job.attemptsSpent)
        object.field("max_attempts", job.maxAttempts)
        object.field("created_at", job.createdAt)
        object.field("run_at", job.runAt)
        object.field("started_at", job.startedAt)
        object.field("finished_at", job.finishedAt)
        object.field("cancel_requested", job.cancelRequested)
        object.field("batch_id", job.batch?.description)
        object.field("parent_id", job.parent?.description)
        object.field("retries", job.retries)
        object.field("discarded", job.isDiscarded)
        object.key("failure")
        guard let failure = job.failure else { return object.null() }
        object.object { inner in
            inner.field("kind", failure.kind.rawValue)
            inner.field("code", failure.code)
            inner.field("message", failure.message)
        }
    }
}
