import ArgumentParser
import Domain
import Jobs

/// `worker jobs cancel`.
struct CancelJobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End jobs that have not ended: at once, or through the worker that runs them.")

    @OptionGroup var choice: JobChoice
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await choice.decide(output, fallback: nil) { job, session, decisions in
            switch try await session.intake.cancel(job.id, tenant: job.tenant) {
            case .ended(let job): decisions.done.append((job.id, job.state.rawValue))
            case .requested(let job, _): decisions.done.append((job.id, "cancelling"))
            case .tooLate(let job): decisions.refused.append((job.id, job.state.rawValue))
            case .notFound: decisions.missing.append(job.id)
            }
        }
    }
}
