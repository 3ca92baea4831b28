import ArgumentParser
import Domain
import Jobs

/// `worker queues`: what is late and why, and what may run.
struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues", abstract: "Show the queues, pause and resume them, limit what runs.",
        subcommands: [List.self, Pause.self, Resume.self, Limit.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show depth, oldest age, rates and drain estimate of every queue.",
            discussion: "Counted at most five seconds ago. A plus: counting stopped there.")

        @Flag(help: "Also the tenants with the most queued jobs, at most 20 a queue.")
        var tenants = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (tenants, output) = (tenants, output)
            try await OperatorSession.with { session in
                let counted = try await session.store.queueStates()
                output.print(
                    QueueLines.table(counted.states) + (tenants ? "\n" + QueueLines.tenants(counted.states) : "")
                ) { QueueLines.write(counted, tenants: tenants, to: &$0) }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hand out no more jobs of a queue; what runs goes on.")
        @Argument(help: "The queue.") var name: QueueName

        func run() async throws { try await setPaused(true, name) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Hand out a paused queue's jobs again.")
        @Argument(help: "The queue.") var name: QueueName

        func run() async throws { try await setPaused(false, name) }
    }

    private static func setPaused(_ isPaused: Bool, _ name: QueueName) async throws {
        try await OperatorSession.with { session in
            try await session.store.setPaused(isPaused, queue: name)
            await session.tellWorkers()
            print("\(name) \(isPaused ? "is paused" : "runs")")
        }
    }

    struct Limit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Limit how many of a queue's jobs run at once.")
        @Argument(help: "The queue.") var name: QueueName
        @Option(help: "Over all workers: a number, or none.") var maxRunning: RunningLimit

        func run() async throws {
            let (name, limit) = (name, maxRunning.value)
            try await OperatorSession.with { session in
                try await session.store.setLimit(limit, queue: name)
                await session.tellWorkers()
                print("\(name) runs \(limit.map { "at most \($0) jobs at once" } ?? "any number of jobs at once")")
            }
        }
    }
}
