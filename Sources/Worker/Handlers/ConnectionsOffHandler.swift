import Domain
import Jobs

/// Runs the jobs of connections where no master key is set: another worker may have one.
struct ConnectionsOffHandler<Work: Command>: JobHandler {
    func handle(_ work: Work, _ context: AttemptContext) async throws -> Completion {
        throw Failure.connectionsOff
    }
}
