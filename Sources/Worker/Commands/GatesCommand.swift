import ArgumentParser
import Domain
import Jobs

/// `worker gates`: providers' quotas that are used up.
struct GatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gates", abstract: "Show and open the gates that hold back jobs of a used-up quota.",
        subcommands: [List.self, Open.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the gates that are closed now.")
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let output = output
            try await OperatorSession.with { session in
                let gates = try await session.store.closedGates()
                var table = TextTable([
                    ("GATE", .left), ("CLOSED FOR", .right), ("OPENS AT", .left), ("CODE", .left),
                ])
                for gate in gates {
                    table.add([gate.key, Words.ago(gate.closedAt), Words.time(gate.closedUntil), gate.code])
                }
                output.print(table.text, "gates", gates) { Self.write($0, to: &$1) }
            }
        }

        private static func write(_ gate: JobStore.ClosedGate, to writer: inout JSONWriter) {
            writer.object { object in
                object.field("key", gate.key)
                object.field("code", gate.code)
                object.field("closed_at", gate.closedAt)
                object.field("closed_until", gate.closedUntil)
            }
        }
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open a gate before its time; the jobs it held back run at once.")
        @Argument(help: "The gate.") var key: String

        func run() async throws {
            let key = key
            try await OperatorSession.with { session in
                guard let released = try await session.store.openGate(key) else {
                    throw ExitCode.refuse("the gate \(key) is not closed")
                }
                await session.tellWorkers()
                print("\(key) is open; \(released) jobs it held back run now")
            }
        }
    }
}
