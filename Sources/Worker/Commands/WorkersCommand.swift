import ArgumentParser
import Domain
import Jobs

/// `worker workers`: who lives, and who died.
struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers", abstract: "Show living workers and those buried lately.", subcommands: [List.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List workers, and the last 20 that were buried.")
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let output = output
            try await OperatorSession.with { session in
                let living = try await session.store.livingWorkers(limit: 10_000)
                let buried = try await session.store.buriedWorkers(limit: 20)
                output.print(WorkerLines.table(living, buried)) { WorkerLines.write(living, buried, to: &$0) }
            }
        }
    }
}
