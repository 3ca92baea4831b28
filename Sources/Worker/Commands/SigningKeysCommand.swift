import ArgumentParser
import Domain
import Vault

/// `worker signing-keys`: the file of AUTH_KEYS_FILE, whose first key signs access tokens. Needs no store.
struct SigningKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signing-keys", abstract: "Make and rotate the keys that sign access tokens.",
        discussion: """
            To rotate without a refused token: `new`, which adds a key that only verifies; when every gateway has read \
            the file, seconds later, `promote`; when the tokens of the old one have ended (AUTH_ACCESS_MINUTES), \
            `retire`. The file holds secrets: only its owner can read it.
            """,
        subcommands: [New.self, List.self, Promote.self, Retire.self])

    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a key to a file, or make the file; print the key's name.")
        @Argument(help: "The file.", completion: .file()) var file: String
        @Option(help: "ES256, EdDSA or HS256.") var algorithm = SignatureAlgorithm.es256
        @Flag(help: "Let it sign from now on, in front of those that are there.") var first = false

        func validate() throws {
            if algorithm == .rs256 { throw ValidationError("--algorithm must be ES256, EdDSA or HS256") }
        }

        func run() async throws {
            let (file, algorithm, isFirst) = (file, algorithm, first)
            try await SigningKeysCommand.explained {
                let key = try await SigningKey.generate(algorithm)
                if SigningKeysCommand.exists(file) {
                    try await SigningKeySet.read(path: file).adding(key, first: isFirst).write(path: file)
                } else {
                    try SigningKeySet([key]).write(path: file)
                }
                print(key.kid)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a file's keys; the first one signs.")
        @Argument(help: "The file.", completion: .file()) var file: String
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (file, output) = (file, output)
            try await SigningKeysCommand.explained {
                let keys = try await SigningKeySet.read(path: file).keys
                var table = TextTable([("KEY", .left), ("ALGORITHM", .left), ("", .left)])
                for (index, key) in keys.enumerated() {
                    table.add([key.kid, key.algorithm.rawValue, index == 0 ? "signs" : "verifies"])
                }
                output.print(table.text) { SigningKeysCommand.write(keys, to: &$0) }
            }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let another key of the file sign.")
        @Argument(help: "The file.", completion: .file()) var file: String
        @Argument(help: "The key's name, as listed.") var key: String

        func run() async throws {
            let (file, name) = (file, key)
            try await SigningKeysCommand.explained {
                let keys = try await SigningKeySet.read(path: file).keys
                guard let chosen = keys.first(where: { $0.kid == name }) else { throw ExitCode.noKey(name) }
                guard chosen.canSign else { throw ExitCode.refuse("\(name) has no private half to sign with") }
                try SigningKeySet([chosen] + keys.filter { $0.kid != name }).write(path: file)
                print("\(name) signs")
            }
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a key out of the file: what it signed is refused from then on.")
        @Argument(help: "The file.", completion: .file()) var file: String
        @Argument(help: "The key's name, as listed.") var key: String

        func run() async throws {
            let (file, name) = (file, key)
            try await SigningKeysCommand.explained {
                let keys = try await SigningKeySet.read(path: file).keys
                guard keys.contains(where: { $0.kid == name }) else { throw ExitCode.noKey(name) }
                guard keys[0].kid != name else { throw ExitCode.refuse("\(name) signs: promote another one first") }
                try SigningKeySet(keys.filter { $0.kid != name }).write(path: file)
                print("\(name) is retired")
            }
        }
    }
}
