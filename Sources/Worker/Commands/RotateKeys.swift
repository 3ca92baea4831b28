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
            data keys were wrapped anew, and how many each master key wraps then: one that wraps none can go. With a \
            file it looks again after 12 seconds, when every process has read the file. The status is 65 when another \
            than the first is still in use; then run it again, or see to the data keys that it names as unreadable.
            """)

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let output = output
        let ring = try await Self.ring()
        try await OperatorSession.with { session in
            let rotation = KeyRotation(pool: session.pool, wrapping: LocalKeyWrapping(ring))
            var outcome = try await rotation.run()
            if ring.isWatchable {
                // Until they have read the file, others make data keys under the master key of before.
                try await Task.sleep(for: MasterKeyRing.interval * 2 + .seconds(2))
                let rewrapped = outcome.rewrapped
                outcome = try await rotation.run()
                outcome.rewrapped += rewrapped
            }
            let counts = try await rotation.counts()
            Self.print(outcome, counts, output)
            let current = ring.current.keys.first.id
            try Self.check(outcome, others: counts.map(\.masterKey).filter { $0 != current })
        }
    }

    private static func check(_ outcome: KeyRotation.Outcome, others: [String]) throws {
        if outcome.unreadable > 0 {
            let tenants = outcome.tenants.map(\.description).joined(separator: " ")
            StandardError.write("worker: \(outcome.unreadable) data keys cannot be opened, of: \(tenants)\n")
        }
        guard others.isEmpty else {
            throw ExitCode.refuse("still in use: \(others.joined(separator: ", ")); run it again")
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
        _ outcome: KeyRotation.Outcome, _ counts: [(masterKey: String, dataKeys: Int)], _ output: OutputOptions
    ) {
        var table = TextTable([("MASTER KEY", .left), ("DATA KEYS", .right)])
        for line in counts { table.add([line.masterKey, "\(line.dataKeys)"]) }
        output.print("\(outcome.rewrapped) data keys were wrapped anew\n" + table.text) { writer in
            writer.object { object in
                object.field("rewrapped", outcome.rewrapped)
                object.field("unreadable", outcome.unreadable)
                object.key("unreadable_of")
                object.array { array in for tenant in outcome.tenants { array.string(tenant.description) } }
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
