import Domain
import Jobs

/// Queues as operators see them.
enum QueueLines {
    private static let columns: [(title: String, side: TextTable.Side)] = [
        ("QUEUED", .right), ("OLDEST", .right), ("RUNNING", .right), ("SCHEDULED", .right), ("WAITING", .right),
        ("DEAD", .right), ("DONE/MIN", .right), ("RETRIES/MIN", .right), ("DRAINS IN", .right),
    ]

    private static func cells(_ backlog: Backlog) -> [String] {
        [
            Words.tally(backlog.queued), Words.seconds(backlog.oldestSeconds), Words.tally(backlog.running),
            Words.tally(backlog.scheduled), Words.tally(backlog.waiting), Words.tally(backlog.dead),
            Words.rate(backlog.recent.finished), Words.rate(backlog.recent.retries),
            (backlog.queued.isCapped && backlog.drainSeconds != nil ? ">" : "") + Words.seconds(backlog.drainSeconds),
        ]
    }

    static func table(_ states: QueueStates) -> String {
        var table = TextTable([("QUEUE", .left)] + columns + [("LIMIT", .right), ("", .left)])
        for queue in states.queues {
            table.add(
                [queue.name] + cells(queue.all) + [Words.limit(queue.maxRunning), queue.isPaused ? "paused" : ""])
        }
        return table.text
    }

    static func tenants(_ states: QueueStates) -> String {
        var table = TextTable([("QUEUE", .left), ("TENANT", .left)] + columns)
        for queue in states.queues {
            for tenant in queue.tenants {
                table.add([queue.name, tenant.id.description] + cells(tenant.backlog))
            }
        }
        return table.text
    }

    static func write(_ counted: CountedStates, tenants: Bool, to writer: inout JSONWriter) {
        writer.object { object in
            object.field("counted_at", counted.countedAt)
            object.field("workers", counted.states.workers)
            object.field("workers_buried_in_last_hour", counted.states.buriedWorkers)
            object.key("queues")
            object.array { array in
                for queue in counted.states.queues { array.object { write(queue, tenants: tenants, to: &$0) } }
            }
        }
    }

    private static func write(_ queue: QueueStates.Queue, tenants: Bool, to object: inout JSONWriter) {
        object.field("name", queue.name)
        object.field("paused", queue.isPaused)
        object.field("max_running", optional: queue.maxRunning)
        write(queue.all, to: &object)
        object.field("tenant_count", queue.tenantCount)
        guard tenants else { return }
        object.key("tenants")
        object.array { array in
            for tenant in queue.tenants {
                array.object { inner in
                    inner.field("tenant", tenant.id.description)
                    write(tenant.backlog, to: &inner)
                }
            }
        }
    }

    private static func write(_ backlog: Backlog, to object: inout JSONWriter) {
        object.field("queued", backlog.queued)
        object.field("running", backlog.running)
        object.field("scheduled", backlog.scheduled)
        object.field("waiting", backlog.waiting)
        object.field("dead", backlog.dead)
        object.field("oldest_seconds", rounded: backlog.oldestSeconds)
        object.field("attempts_per_minute", rounded: backlog.recent.attempts)
        object.field("finished_per_minute", rounded: backlog.recent.finished)
        object.field("retries_per_minute", rounded: backlog.recent.retries)
        object.field("drain_seconds", rounded: backlog.drainSeconds)
    }
}
