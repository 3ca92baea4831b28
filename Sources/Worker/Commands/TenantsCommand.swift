import ArgumentParser
import Domain
import Jobs

/// `worker tenants`: who gets how much.
struct TenantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenants", abstract: "Set tenants' shares.", subcommands: [List.self, Share.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the tenants with settings of their own. All others weigh 1 and have no limit.")
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let output = output
            try await OperatorSession.with { session in
                let shares = try await session.store.shares()
                var table = TextTable([("TENANT", .left), ("WEIGHT", .right), ("MAX RUNNING", .right)])
                for share in shares {
                    table.add([share.tenant.description, "\(share.weight)", Words.limit(share.maxRunning)])
                }
                output.print(table.text, "tenants", shares) { TenantsCommand.write($0, to: &$1) }
            }
        }
    }

    struct Share: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a tenant's weight against the others, and how many of its jobs run at once.")

        @Argument(help: "The tenant.") var tenant: TenantID
        @Option(help: "0.01 to 100; a tenant of weight 2 gets twice as much as one of weight 1.") var weight: Double?
        @Option(help: "Over all queues and workers: a number, or none.") var maxRunning: RunningLimit?
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if let weight, !(0.01...100).contains(weight) { throw ValidationError("--weight must be 0.01 to 100") }
            if weight == nil, maxRunning == nil { throw ValidationError("give --weight or --max-running") }
        }

        func run() async throws {
            let (tenant, weight, output) = (tenant, weight, output)
            let change = maxRunning.map { JobStore.LimitChange.set($0.value) } ?? .keep
            try await OperatorSession.with { session in
                let share = try await session.store.setShare(of: tenant, weight: weight, maxRunning: change)
                await session.tellWorkers()
                output.print("\(tenant) has weight \(share.weight), max running \(Words.limit(share.maxRunning))\n") {
                    TenantsCommand.write(share, to: &$0)
                }
            }
        }
    }

    private static func write(_ share: JobStore.TenantShare, to writer: inout JSONWriter) {
        writer.object { object in
            object.field("tenant", share.tenant.description)
            object.field("weight", number: share.weight)
            object.field("max_running", optional: share.maxRunning)
        }
    }
}
