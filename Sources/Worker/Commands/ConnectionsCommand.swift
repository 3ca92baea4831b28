import ArgumentParser
import Domain
import Store

/// `worker connections`: accounts elsewhere, of all workspaces. Never a token.
struct ConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections", abstract: "Show connections to accounts elsewhere, and take over those of others.",
        subcommands: [List.self, ImportConnections.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List connections, newest first.")

        @Option(help: "Only those of this workspace.") var tenant: TenantID?
        @Option(help: "Only those at this provider, such as google.") var provider: ProviderName?
        @Option(help: "Only those in this state.") var state: ConnectionState?
        @Option(help: "The most connections to list (1 to 10000).") var limit = 1000
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let filter = ConnectionOperations.Filter(tenant: tenant, provider: provider, state: state)
            let (limit, output) = (limit, output)
            try await OperatorSession.with { session in
                let found = try await ConnectionOperations(pool: session.pool).list(filter, limit: limit)
                output.print(ConnectionLines.table(found)) { writer in
                    writer.object { object in
                        object.key("connections")
                        object.array { array in for line in found { ConnectionLines.write(line, to: &array) } }
                    }
                }
            }
        }
    }
}

extension ProviderName: ExpressibleByArgument {
    package init?(argument: String) { self.init(rawValue: argument) }
}

extension ConnectionState: ExpressibleByArgument {}
