import Domain
import Jobs

/// Runs the jobs of connections where no master key is set: another worker may have one.
struct ConnectionsOffHandler<Work: Command>: JobHandler {
    func handle(_ work: Work, _ context: AttemptContext) async throws -> Completion {
        throw Failure(
            .retry, code: "connections_off",
            message: "This worker has no master key: set MASTER_KEYS or MASTER_KEYS_FILE.", retryAfterSeconds: 60)
    }
}
