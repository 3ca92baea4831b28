/// The engine's own metrics, by name, and what each says to whoever reads a dashboard. A test compares this with the
/// names in the sources.
package enum JobMetrics {
    package static let help: [String: String] = [
        "errand_attempts_total": "Attempts that ended, by the state they left their job in; lost: not believed.",
        "errand_attempt_seconds": "How long attempts took, from claim to settle.",
        "errand_job_wait_seconds": "How long jobs could have run already when their attempt began.",
        "errand_jobs_rescued_total": "Jobs taken from workers that were declared dead.",
        "errand_jobs_restored_total": "Queued jobs that no list held and that were pushed again.",
        "errand_jobs_pruned_total": "Jobs deleted because their retention period was over.",
        "errand_workers_buried_total": "Workers that this process declared dead.",
        "errand_schedule_ticks_missed_total": "Ticks of schedules that passed unnoticed and that one job made good.",
        "errand_push_errors_total": "Accepted jobs whose id could not be pushed at once.",
        "errand_take_errors_total": "Failed tries to take or claim jobs.",
        "errand_settle_errors_total": "Failed tries to write the end of an attempt; each is repeated.",
    ]
}
