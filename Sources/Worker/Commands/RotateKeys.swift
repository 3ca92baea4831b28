import ArgumentParser
import Domain
import Logging
import Providers
import Settings
import Store
import Vault

/// `worker keys rotate`.
struct RotateKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Wrap every data key by the first master key, while everything runs.",
        discussion: """
            Needs MASTER_KEYS or MASTER_KEYS_FILE with the new master key in front of the old ones. Prints how many \
            data keys were wrapped anew, and how many each master key wraps then: one that wraps none can go. The \
            status is 65 when another than the first is still in use; then run it again.
            """)

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let output = output
        let ring = try await Self.ring()
        try await OperatorSession.with { session in
            let rotation = KeyRotation(pool: session.pool, wrapping: LocalKeyWrapping(ring))
            do {
                let count = try await rotation.run()
                let counts = try await rotation.counts()
                Self.print(count, counts, output)
                let current = ring.current.keys.first.id
                let others = counts.map(\.masterKey).filter { $0 != current }
                guard others.isEmpty else {
                    throw ExitCode.refuse("still in use: \(others.joined(separator: ", ")); run it again")
                }
            } catch let error as SealingError {
                throw ExitCode.refuse("a data key cannot be wrapped anew: \(error)")
            }
        }
    }

    /// The operator's own master keys. Says what is wrong with them, and ends with EX_CONFIG.
    static func ring() async throws -> MasterKeyRing {
        var reader = SettingsReader.environment()
        let settings = ConnectionSettings.read(&reader, providers: ProviderCatalog.names)
        try ExitCode.orThrow { try reader.finish() }
        guard let settings else {
            StandardError.write("worker: MASTER_KEYS or MASTER_KEYS_FILE is not set\n")
            throw ExitCode.configuration
        }
        do {
            return try await settings.masterKeyRing(logger: Logger(label: "worker") { _ in SwiftLogNoOpLogHandler() })
        } catch let error as VaultError {
            StandardError.write("worker: the master keys cannot be used: \(error)\n")
            throw ExitCode.configuration
        }
    }

    private static func print(
        _ count: Int, _ counts: [(masterKey: String, dataKeys: Int)], _ output: OutputOptions
    ) {
        var table = TextTable([("MASTER KEY", .left), ("DATA KEYS", .right)])
        for line in counts { table.add([line.masterKey, "\(line.dataKeys)"]) }
        output.print("\(count) data keys were wrapped anew\n" + table.text) { writer in
            writer.object { object in
                object.field("rewrapped", count)
                object.key("master_keys")
                object.array { array in
                    for line in counts {
                        array.object { inner in
                            inner.field("id", line.masterKey)
                            inner.field("data_keys", line.dataKeys)
                        }
                    }
                }
            }
        }
    }
}
