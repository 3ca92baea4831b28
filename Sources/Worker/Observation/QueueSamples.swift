import Domain
import Jobs
import Telemetry

/// The state of the queues as gauges. Every worker tells the same, whichever counted: a dashboard takes the maximum.
///
/// Tenants have series of their own only in the twenty places with the most queued jobs of each queue, so that their
/// number is bounded.
struct QueueSamples {
    static let help: [String: MetricDescription] = [
        "errand_queue_depth": "Jobs of a queue, by state; a lower bound where errand_queue_capped is 1.",
        "errand_queue_capped": "1 when counting stopped before the end.",
        "errand_queue_dead": "Failed jobs of a queue that were neither retried nor discarded.",
        "errand_queue_oldest_seconds": "How long the oldest queued job could have run already.",
        "errand_queue_drain_seconds": "Until it is empty if it goes on as in the last minute; +Inf: nothing ends.",
        "errand_queue_finished_per_second": "Jobs that ended, on average over the last minute.",
        "errand_queue_attempts_per_second": "Attempts that ended, on average over the last minute.",
        "errand_queue_retries_per_second": "Attempts that failed and are to be repeated, over the last minute.",
        "errand_queue_paused": "1 when the queue is paused.",
        "errand_queue_max_running": "The limit of running jobs, where there is one.",
        "errand_queue_tenants": "Tenants with jobs in the queue that have not ended, or are dead.",
        "errand_tenant_depth": "Jobs of a tenant in a queue, by state; the tenants with the most queued jobs only.",
        "errand_tenant_dead": "Failed jobs of a tenant that were neither retried nor discarded; the same tenants.",
        "errand_tenant_oldest_seconds": "How long the tenant's oldest queued job could have run; the same tenants.",
        "errand_tenant_drain_seconds": "As errand_queue_drain_seconds, of a tenant; the same tenants.",
        "errand_workers": "Living workers.",
        "errand_workers_buried_in_last_hour": "Workers that were declared dead in the last hour.",
    ]

    private var samples: [Sample] = []

    static func samples(_ states: QueueStates) -> [Sample] {
        var all = QueueSamples()
        all.gauge("errand_workers", [], Double(states.workers))
        all.gauge("errand_workers_buried_in_last_hour", [], Double(states.buriedWorkers))
        for queue in states.queues { all.add(queue) }
        return all.samples
    }

    private mutating func gauge(_ name: String, _ labels: [(String, String)], _ value: Double) {
        samples.append(Sample(name, labels: labels, value: value))
    }

    private mutating func add(_ queue: QueueStates.Queue) {
        let name = [("queue", queue.name)]
        let all = queue.all
        depth("errand_queue_depth", name, all)
        let isCapped = [all.queued, all.scheduled, all.running, all.waiting, all.dead].contains { $0.isCapped }
        gauge("errand_queue_capped", name, isCapped ? 1 : 0)
        gauge("errand_queue_dead", name, Double(all.dead.count))
        gauge("errand_queue_oldest_seconds", name, all.oldestSeconds ?? 0)
        gauge("errand_queue_drain_seconds", name, all.drainSeconds ?? .infinity)
        gauge("errand_queue_finished_per_second", name, all.recent.finished / 60)
        gauge("errand_queue_attempts_per_second", name, all.recent.attempts / 60)
        gauge("errand_queue_retries_per_second", name, all.recent.retries / 60)
        gauge("errand_queue_paused", name, queue.isPaused ? 1 : 0)
        if let limit = queue.maxRunning { gauge("errand_queue_max_running", name, Double(limit)) }
        gauge("errand_queue_tenants", name, Double(queue.tenantCount))
        for tenant in queue.tenants { add(tenant, name) }
    }

    private mutating func add(_ tenant: QueueStates.Tenant, _ queue: [(String, String)]) {
        let name = queue + [("tenant", tenant.id.description)]
        depth("errand_tenant_depth", name, tenant.backlog)
        gauge("errand_tenant_dead", name, Double(tenant.backlog.dead.count))
        gauge("errand_tenant_oldest_seconds", name, tenant.backlog.oldestSeconds ?? 0)
        gauge("errand_tenant_drain_seconds", name, tenant.backlog.drainSeconds ?? .infinity)
    }

    private mutating func depth(_ metric: String, _ labels: [(String, String)], _ backlog: Backlog) {
        let states = [
            ("queued", backlog.queued), ("scheduled", backlog.scheduled), ("running", backlog.running),
            ("waiting", backlog.waiting),
        ]
        for (state, tally) in states { gauge(metric, labels + [("state", state)], Double(tally.count)) }
    }
}
