import ArgumentParser
import Domain
import Jobs

/// `worker sweep`: periodic work, started by whoever has a clock.
struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Start periodic work as a job: for crontab and Kubernetes CronJobs.",
        subcommands: [RetentionSweep.self, AccountsSweep.self, TokensSweep.self, CalendarsSweep.self])

    struct RetentionSweep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retention",
            abstract: "Throw away what has ended longer ago than it is to be kept, and print the job that does so.",
            discussion: """
                Workers do this all the time, a little at a time. The periods are those of the worker that runs the \
                job: RETENTION_*_HOURS. While one waits to start, another call prints the same job.
                """)

        @OptionGroup var options: SweepOptions

        func run() async throws { try await options.start(SweepRetention()) }
    }

    struct AccountsSweep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "accounts",
            abstract: "Throw away what is over of accounts, companies and tasks, and print the job that does so.",
            discussion: """
                Sessions 30 days after their end, audit events after RETENTION_AUDIT_HOURS, tasks and companies 30 \
                days after they were deleted, invitations 30 days after they expired, accounts that nobody verified \
                or used within 7 days. A built-in schedule does this every night. While one waits to start, another \
                call prints the same job.
                """)

        @OptionGroup var options: SweepOptions

        func run() async throws { try await options.start(SweepAccounts()) }
    }

    struct TokensSweep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tokens",
            abstract: "Renew what is due of connections, and print the job that enqueues it.",
            discussion: """
                A built-in schedule does this every minute. It also releases jobs that wait for a connection that is \
                good again, and throws away visits to consent pages a day after their end and records of renewals \
                after 30 days. While one waits to start, another call prints the same job.
                """)

        @OptionGroup var options: SweepOptions

        func run() async throws { try await options.start(SweepTokens()) }
    }

    struct CalendarsSweep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "calendars",
            abstract: "Read calendars that nobody told of for a while, and print the job that enqueues it.",
            discussion: """
                A built-in schedule does this every minute. It also reads accounts' lists of calendars, replaces watch \
                channels that end soon, and throws away traces of deleted events after 30 days. While one waits to \
                start, another call prints the same job.
                """)

        @OptionGroup var options: SweepOptions

        func run() async throws { try await options.start(SweepCalendars()) }
    }
}

/// What every sweep can be told.
struct SweepOptions: ParsableArguments {
    @Option(help: "The queue whose workers do it; without: the sweep's own.")
    var queue: QueueName?
    @Flag(help: "Wait for its end; the status is 65 unless it succeeded.")
    var wait = false
    @OptionGroup var output: OutputOptions

    func start(_ sweep: some Command) async throws {
        let (queue, wait, output) = (queue, wait, output)
        try await OperatorSession.with { session in
            let specification = try Self.specification(of: sweep, queue: queue)
            let accepted = try await session.intake.accept(NewJob(tenant: .operators, specification: specification))
            guard wait else { return Self.print(accepted, output) }
            let ended = try await Self.end(of: accepted.id, session.store)
            Self.print(ended, output)
            if ended.state != .succeeded { throw ExitCode.dataError }
        }
    }

    /// A sweep that waits to start does the work of another trigger as well.
    static func specification(of sweep: some Command, queue: QueueName? = nil) throws -> JobSpecification {
        var specification = try sweep.specification(queue: queue)
        specification.unique = Uniqueness(
            key: ReservedKey.sweep.of(specification.kind.rawValue), scope: .pending, onConflict: .coalesce)
        return specification
    }

    /// Looks at the row: a sweep takes seconds to minutes, and nobody waits in front of a crontab.
    private static func end(of id: JobID, _ store: JobStore) async throws -> Job {
        while true {
            guard let job = try await store.detail(id)?.job else { throw ExitCode.refuse("job \(id) is gone") }
            if job.state.isTerminal { return job }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private static func print(_ job: Job, _ output: OutputOptions) {
        output.print("\(job.id)\n") { JobLines.write(job, to: &$0) }
    }
}
