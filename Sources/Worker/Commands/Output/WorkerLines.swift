import Domain
import Jobs

/// Workers as operators see them.
enum WorkerLines {
    static func table(_ living: [JobStore.LivingWorker], _ buried: [JobStore.BuriedWorker]) -> String {
        var table = TextTable([
            ("WORKER", .left), ("HOST", .left), ("PID", .right), ("UP", .right), ("BEAT", .right), ("RUNNING", .right),
            ("OF", .right), ("QUEUES", .left),
        ])
        for worker in living {
            table.add([
                worker.id.description, worker.host, "\(worker.processID)", Words.ago(worker.startedAt),
                Words.seconds(max(0, worker.beatSeconds)), "\(worker.running)", "\(worker.concurrency)",
                worker.queues.joined(separator: ","),
            ])
        }
        guard !buried.isEmpty else { return table.text }
        var graves = TextTable([
            ("BURIED", .left), ("HOST", .left), ("PID", .right), ("AGO", .right), ("", .left),
        ])
        for worker in buried {
            graves.add([
                worker.id.description, worker.host, "\(worker.processID)", Words.ago(worker.buriedAt),
                worker.survivedAt == nil ? "" : "came back",
            ])
        }
        return table.text + "\n" + graves.text
    }

    static func write(
        _ living: [JobStore.LivingWorker], _ buried: [JobStore.BuriedWorker], to writer: inout JSONWriter
    ) {
        writer.object { object in
            object.key("workers")
            object.array { array in for worker in living { array.object { write(worker, to: &$0) } } }
            object.key("buried")
            object.array { array in for worker in buried { array.object { write(worker, to: &$0) } } }
        }
    }

    private static func write(_ worker: JobStore.LivingWorker, to object: inout JSONWriter) {
        object.field("id", worker.id.description)
        object.field("host", worker.host)
        object.field("pid", worker.processID)
        object.key("queues")
        object.array { array in for name in worker.queues { array.string(name) } }
        object.field("concurrency", worker.concurrency)
        object.field("running", worker.running)
        object.field("started_at", worker.startedAt)
        object.field("beat_at", worker.beatAt)
        object.field("beat_age_seconds", rounded: max(0, worker.beatSeconds))
    }

    private static func write(_ worker: JobStore.BuriedWorker, to object: inout JSONWriter) {
        object.field("id", worker.id.description)
        object.field("host", worker.host)
        object.field("pid", worker.processID)
        object.field("buried_at", worker.buriedAt)
        object.field("survived_at", worker.survivedAt)
    }
}
