import ArgumentParser
import Domain
import Jobs

/// `worker jobs`: looks at jobs and decides about them, over all tenants.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "List, show, retry, discard and cancel jobs of all tenants.",
        subcommands: [List.self, Show.self, RetryJobs.self, DiscardJobs.self, CancelJobs.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List jobs, newest first.")

        @OptionGroup var filter: JobFilterOptions
        @OptionGroup var output: OutputOptions

        @Option(help: "The most jobs to list (1 to 10000).")
        var limit = 50

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let (filter, limit, output) = (filter.search, limit, output)
            try await OperatorSession.with { session in
                let jobs = try await session.store.search(filter, limit: limit)
                output.print(JobLines.table(jobs), "jobs", jobs) { JobLines.write($0, to: &$1) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show everything about one job.")

        @Argument(help: "The job's id.")
        var id: JobID
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (id, output) = (id, output)
            try await OperatorSession.with { session in
                guard let detail = try await session.store.detail(id) else {
                    throw ExitCode.refuse("there is no job \(id)")
                }
                output.print(JobLines.sheet(detail)) { JobLines.write(detail, to: &$0) }
            }
        }
    }
}
