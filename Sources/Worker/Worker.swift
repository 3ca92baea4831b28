import ArgumentParser

/// The worker: runs jobs, and holds the operator's tools.
@main
struct Worker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Runs Errand's jobs, and holds the operator's tools.",
        discussion: "Configuration comes from environment variables; README lists them.",
        subcommands: [
            RunCommand.self, MigrateCommand.self, JobsCommand.self, QueuesCommand.self, WorkersCommand.self,
            TenantsCommand.self, LimitsCommand.self, GatesCommand.self, SchedulesCommand.self, SweepCommand.self,
            UsersCommand.self, KeysCommand.self, SigningKeysCommand.self, MasterKeysCommand.self,
            ConnectionsCommand.self,
        ])
}
