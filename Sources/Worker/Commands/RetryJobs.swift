import ArgumentParser
import Domain
import FoundationEssentials
import Jobs

/// `worker jobs retry`.
struct RetryJobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Queue failed or cancelled jobs again.",
        discussion: "A filter without a state means dead jobs.")

    @OptionGroup var choice: JobChoice
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let asker = "operator \(ProcessInfo.processInfo.userName)"
        try await choice.decide(output, fallback: .dead) { job, session, decisions in
            decisions.add(try await session.intake.retry(job.id, tenant: job.tenant, by: asker), job.id)
        }
    }
}

/// `worker jobs discard`.
struct DiscardJobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Put failed jobs aside that nobody wants back.",
        discussion: "They are deleted a day later. A filter without a state means dead jobs.")

    @OptionGroup var choice: JobChoice
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await choice.decide(output, fallback: .dead) { job, session, decisions in
            decisions.add(try await session.intake.discard(job.id, tenant: job.tenant), job.id)
        }
    }
}
