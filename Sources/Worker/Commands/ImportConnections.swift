import ArgumentParser
import Domain
import FoundationEssentials
import HTTPTransport
import Logging
import Providers
import Settings
import Store
import Vault

/// `worker connections import`.
struct ImportConnections: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over accounts that another system has connected.",
        discussion: """
            FILE has a JSON object a line: {"tenant", "provider", "host"?, "account_id", "account_name"?, \
            "connected_by"?, "scopes"?, "access_token", "refresh_token"?, "expires_at"?}. Name how its tokens are \
            kept. An account that is connected already gets the tokens that end later; a line that was imported stays, \
            so it can be repeated. Each line that is refused is named with the reason, never with what it holds; the \
            status is 65 then. Stop what renewed these tokens before: where each refresh token is good once, two that \
            renew lose it.
            """)

    @Argument(help: "The file; /dev/stdin for standard input.", completion: .file()) var file: String
    @Option(help: "Its tokens are Fernet tokens; the keys, one a line, the newest first.", completion: .file())
    var fernetKeyFile: String?
    @Option(
        help: "Its tokens are v{n}:{iv}:{tag}:{data}, AES-256-GCM; the keys as n:key, one a line.", completion: .file())
    var versionedKeyFile: String?
    @Flag(help: "Its tokens are in plain text.") var plain = false
    @Flag(help: "Check every line and write nothing.") var dryRun = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let forms = [fernetKeyFile != nil, versionedKeyFile != nil, plain].count { $0 }
        guard forms == 1 else {
            throw ValidationError("give one of --fernet-key-file, --versioned-key-file and --plain")
        }
    }

    struct Counts: Sendable, Equatable {
        var imported = 0
        var updated = 0
        var kept = 0
        var refused = 0
    }

    func run() async throws {
        let (file, output, isRehearsal) = (file, output, dryRun)
        let form = try form()
        let ring = try await RotateKeys.ring()
        try await OperatorSession.with { session in
            let taking = ConnectionImport(
                pool: session.pool,
                connections: Connections(
                    pool: session.pool, vault: TokenVault(pool: session.pool, wrapping: LocalKeyWrapping(ring))),
                store: session.store, isRehearsal: isRehearsal, now: { Date() })
            let counts = try await Self.take(file, form, taking)
            Self.print(counts, isRehearsal, output)
            if counts.refused > 0 { throw ExitCode.dataError }
        }
    }

    private static func take(
        _ path: String, _ form: TokenForm, _ taking: ConnectionImport
    ) async throws -> Counts {
        let providers = try providers()
        var (counts, number) = (Counts(), 0)
        do {
            var file = try LineFile(path: path)
            while let line = try file.next() {
                number += 1
                do {
                    guard case .bytes(let bytes) = line else { throw ImportRefusal("longer than a line may be") }
                    if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
                    switch try await taking.take(ConnectionLine(bytes, form, providers: providers)) {
                    case .imported: counts.imported += 1
                    case .updated: counts.updated += 1
                    case .kept: counts.kept += 1
                    }
                } catch let refusal as ImportRefusal {
                    counts.refused += 1
                    StandardError.write("line \(number): \(refusal)\n")
                } catch let error as SealingError {
                    counts.refused += 1
                    StandardError.write("line \(number): the workspace's data key cannot be used: \(error)\n")
                }
            }
            return counts
        } catch let failure as LineFile.Failure {
            throw ExitCode.refuse("\(path) cannot be read after line \(number): \(failure)")
        } catch {
            StandardError.write("worker: stopped at line \(number); what was done stays, repeat it all\n")
            throw error
        }
    }

    /// Whether or not this service is registered there.
    private static func providers() throws -> [ProviderDescription] {
        var reader = SettingsReader.environment()
        let transport = HTTPTransport(
            configuration: HTTPTransportConfiguration(egress: .publicOnly),
            logger: Logger(label: "worker") { _ in SwiftLogNoOpLogHandler() })
        let clients = ProviderCatalog.known.map { provider in
            let hosts = ProviderRegistration.hosts(of: provider.name.rawValue, &reader)
            return (provider.name, OAuthClient(clientID: "", clientSecret: "", hosts: hosts))
        }
        try ExitCode.orThrow { try reader.finish() }
        return ProviderCatalog(settings: Dictionary(uniqueKeysWithValues: clients), transport: transport)
            .providers.map(\.about)
    }

    // MARK: Keys

    private func form() throws -> TokenForm {
        do {
            if let fernetKeyFile { return .fernet(try FernetKey.list(try Self.keys(fernetKeyFile))) }
            if let versionedKeyFile { return .versioned(try VersionedImport(try Self.keys(versionedKeyFile))) }
            return .plain
        } catch let error as VaultError {
            StandardError.write("worker: the key file cannot be used: \(error)\n")
            throw ExitCode.configuration
        } catch let failure as LineFile.Failure {
            StandardError.write("worker: the key file cannot be used: \(failure)\n")
            throw ExitCode.configuration
        }
    }

    /// With commas between them.
    private static func keys(_ path: String) throws -> String {
        var file = try LineFile(path: path)
        var keys: [String] = []
        while case .bytes(let bytes)? = try file.next() {
            let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            if !text.isEmpty { keys.append(text) }
        }
        return keys.joined(separator: ",")
    }

    private static func print(_ counts: Counts, _ isRehearsal: Bool, _ output: OutputOptions) {
        let text =
            "\(counts.imported) imported, \(counts.updated) updated, \(counts.kept) kept as they are, "
            + "\(counts.refused) refused\(isRehearsal ? "; nothing was written" : "")\n"
        output.print(text) { writer in
            writer.object { object in
                object.field("imported", counts.imported)
                object.field("updated", counts.updated)
                object.field("kept", counts.kept)
                object.field("refused", counts.refused)
                object.field("dry_run", isRehearsal)
            }
        }
    }
}
