import ArgumentParser
import Domain
import Jobs

/// `worker schedules`: what is made when.
struct SchedulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedules", abstract: "Show the schedules of all tenants.", subcommands: [List.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List schedules, with their next and last time.")
        @OptionGroup var output: OutputOptions

        @Option(help: "The most schedules to list (1 to 10000).")
        var limit = 1000

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let (output, limit) = (output, limit)
            try await OperatorSession.with { session in
                let schedules = try await session.store.allSchedules(limit: limit)
                output.print(Self.table(schedules), "schedules", schedules) { Self.write($0, to: &$1) }
            }
        }

        private static func table(_ schedules: [JobStore.ScheduleLine]) -> String {
            var table = TextTable([
                ("NAME", .left), ("RULE", .left), ("ZONE", .left), ("NEXT", .left), ("LAST", .left),
                ("COALESCED", .right), ("TENANT", .left), ("", .left),
            ])
            for line in schedules {
                table.add([
                    line.name, line.rule, line.timeZone, Words.time(line.nextAt), Words.time(line.lastFiredAt),
                    "\(line.coalesced)", line.tenant.description, line.isPaused ? "paused" : "",
                ])
            }
            return table.text
        }

        private static func write(_ line: JobStore.ScheduleLine, to writer: inout JSONWriter) {
            writer.object { object in
                object.field("id", line.id.description)
                object.field("tenant", line.tenant.description)
                object.field("name", line.name)
                object.field("rule", line.rule)
                object.field("time_zone", line.timeZone)
                object.field("paused", line.isPaused)
                object.field("next_at", line.nextAt)
                object.field("last_fired_at", line.lastFiredAt)
                object.field("last_job_id", line.lastJob?.description)
                object.field("coalesced", line.coalesced)
            }
        }
    }
}
