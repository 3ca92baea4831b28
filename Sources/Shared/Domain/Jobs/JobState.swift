/// Where a job is in its life. The arrows are in DESIGN.md; `migrations/0001_jobs.sql` holds them as CHECK constraints.
package enum JobState: String, Sendable, Codable, CaseIterable {
    /// Waits for its `run_at`: a delay, a backoff, or a provider that said "later".
    case scheduled
    /// May run now.
    case queued
    /// A worker has claimed it.
    case running
    /// Needs a person.
    case waiting
    case succeeded, failed, cancelled

    /// Never changes again, except by an explicit retry that a person asks for.
    package var isTerminal: Bool {
        switch self {
        case .succeeded, .failed, .cancelled: true
        case .scheduled, .queued, .running, .waiting: false
        }
    }
}
