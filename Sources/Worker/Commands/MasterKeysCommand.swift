import ArgumentParser
import Domain
import Vault

/// `worker master-keys`: the file of MASTER_KEYS_FILE, whose first key wraps data keys. Needs no store.
struct MasterKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "master-keys", abstract: "Make and rotate the keys that wrap data keys.",
        discussion: """
            To rotate: `new`, which adds a key that only unwraps; when every gateway and worker has read the file, \
            seconds later, `promote`; then `worker keys rotate` until its status is 0; then `retire` the old one. The \
            file holds secrets, and without it no token of a connection can be read: only its owner can read it, and a \
            copy belongs into a safe.
            """,
        subcommands: [New.self, List.self, Promote.self, Retire.self])

    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a key to a file, or make the file; print the key's id.")
        @Argument(help: "The file.", completion: .file()) var file: String
        @Option(help: "The key's id: 1 to 16 of a-z and 0-9. Without: k1, k2, ...") var id: String?
        @Flag(help: "Let it wrap from now on, in front of those that are there.") var first = false

        func run() async throws {
            let (file, id, isFirst) = (file, id, first)
            try await SigningKeysCommand.explained {
                if SigningKeysCommand.exists(file) {
                    let keys = try await MasterKeys.read(path: file)
                    let key = try MasterKey.make(id: id ?? MasterKeysCommand.nextID(after: keys.names))
                    try keys.adding(key, first: isFirst).write(path: file)
                    print(key.id)
                } else {
                    let key = try MasterKey.make(id: id ?? MasterKeysCommand.nextID(after: []))
                    try MasterKeys([key]).write(path: file)
                    print(key.id)
                }
            }
        }
    }

    /// One more than the highest of `k1`, `k2`, ...: a name that was retired does not come back before others.
    private static func nextID(after names: [String]) -> String {
        let numbers = names.compactMap { $0.first == "k" ? Int($0.dropFirst()) : nil }
        return "k\(min(numbers.max() ?? 0, 999_999) + 1)"
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a file's keys; the first one wraps.")
        @Argument(help: "The file.", completion: .file()) var file: String
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (file, output) = (file, output)
            try await SigningKeysCommand.explained {
                let names = try await MasterKeys.read(path: file).names
                var table = TextTable([("KEY", .left), ("", .left)])
                for (index, name) in names.enumerated() { table.add([name, index == 0 ? "wraps" : "unwraps"]) }
                output.print(table.text) { MasterKeysCommand.write(names, to: &$0) }
            }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let another key of the file wrap.")
        @Argument(help: "The file.", completion: .file()) var file: String
        @Argument(help: "The key's id, as listed.") var key: String

        func run() async throws {
            let (file, name) = (file, key)
            try await SigningKeysCommand.explained {
                let keys = try await MasterKeys.read(path: file).keys
                guard let chosen = keys.first(where: { $0.id == name }) else { throw ExitCode.noKey(name) }
                try MasterKeys([chosen] + keys.filter { $0.id != name }).write(path: file)
                print("\(name) wraps")
            }
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a key out of the file: what it still wraps can be read no more.")
        @Argument(help: "The file.", completion: .file()) var file: String
        @Argument(help: "The key's id, as listed.") var key: String

        func run() async throws {
            let (file, name) = (file, key)
            try await SigningKeysCommand.explained {
                let keys = try await MasterKeys.read(path: file)
                guard keys.names.contains(name) else { throw ExitCode.noKey(name) }
                guard keys.first.id != name else { throw ExitCode.refuse("\(name) wraps: promote another one first") }
                try keys.removing(id: name).write(path: file)
                print("\(name) is retired")
            }
        }
    }

    private static func write(_ names: [String], to writer: inout JSONWriter) {
        writer.object { object in
            object.key("keys")
            object.array { array in
                for (index, name) in names.enumerated() {
                    array.object { inner in
                        inner.field("id", name)
                        inner.field("wraps", index == 0)
                    }
                }
            }
        }
    }
}
