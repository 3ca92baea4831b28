import ArgumentParser
import Domain
import Jobs

/// `worker limits`: how many jobs with one concurrency key may run, by the key's class.
struct LimitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits", abstract: "Limit how many jobs with the same concurrency key run at once.",
        discussion: "A key's class is its part before the first colon. A class without a limit has none.",
        subcommands: [List.self, Set.self, Remove.self])

    /// As the table's CHECK constraint has it.
    private static func check(_ name: String) throws {
        guard name.wholeMatch(of: /[a-z][a-z0-9_.\-]{0,62}/) != nil else {
            throw ValidationError(
                "CLASS must be 1 to 63 lower-case letters, digits, _, - and dots, starting with a letter")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the classes with a limit.")
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let output = output
            try await OperatorSession.with { session in
                let limits = try await session.store.classLimits()
                var table = TextTable([("CLASS", .left), ("MAX RUNNING", .right)])
                for limit in limits { table.add([limit.name, "\(limit.maxRunning)"]) }
                output.print(table.text, "limits", limits) { limit, array in
                    array.object { object in
                        object.field("class", limit.name)
                        object.field("max_running", limit.maxRunning)
                    }
                }
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set a class's limit.")
        @Argument(help: "The class.") var `class`: String
        @Argument(help: "Jobs with the same key that may run at once, 1 or more.") var maxRunning: Int

        func validate() throws {
            try LimitsCommand.check(self.class)
            guard (1...1_000_000).contains(maxRunning) else { throw ValidationError("the limit must be 1 or more") }
        }

        func run() async throws {
            let (name, limit) = (self.class, maxRunning)
            try await OperatorSession.with { session in
                try await session.store.setLimit(limit, class: name)
                await session.tellWorkers()
                print("of the same key \(name):… at most \(limit) jobs run at once")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a class's limit away.")
        @Argument(help: "The class.") var `class`: String

        func run() async throws {
            let name = self.class
            try await OperatorSession.with { session in
                guard try await session.store.removeLimit(class: name) else {
                    throw ExitCode.refuse("the class \(name) has no limit")
                }
                await session.tellWorkers()
                print("of the same key \(name):… any number of jobs runs at once")
            }
        }
    }
}
