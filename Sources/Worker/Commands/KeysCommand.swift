import ArgumentParser
import Domain
import Store
import Vault

/// `worker keys`: API keys of servers and of cron.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Show, make and revoke API keys; rewrap data keys.",
        discussion: """
            A key belongs to a workspace: a person's, by the person's id, or a company's. The operators' own keys \
            belong to none. Whatever is changed is recorded in the audit log. `rotate` is about other keys: those that \
            seal the tokens of connections.
            """,
        subcommands: [List.self, Create.self, Revoke.self, RotateKeys.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List keys that were not revoked, newest first.")

        @Option(help: "Only those of this workspace.") var tenant: TenantID?
        @Flag(help: "Only the operators' own.") var operators = false
        @Option(help: "The most keys to list (1 to 10000).") var limit = 1000
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
            if operators, tenant != nil { throw ValidationError("give --tenant or --operators") }
        }

        func run() async throws {
            let (tenant, limit, output) = (operators ? .operators : tenant, limit, output)
            try await OperatorSession.with { session in
                let keys = try await session.keys.list(of: tenant, limit: limit)
                output.print(KeyLines.table(keys), "keys", keys) { KeyLines.write($0, to: &$1) }
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it. It is kept nowhere, so this is the only time.")

        @Argument(help: "What it is for (1 to 100 characters).") var name: String
        @Option(help: "What it may do, separated by commas.") var scopes: ScopeList
        @Option(help: "The workspace it acts in. Without one it is the operators' own.") var tenant = TenantID.operators
        @Option(help: "Days until it ends (1 to 3650). Without: when it is revoked.") var expiresInDays: Int?
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard let name = NameRule.key.name(name) else { throw ValidationError("NAME \(NameRule.key.sentence)") }
            self.name = name
            if let expiresInDays, !(1...3650).contains(expiresInDays) {
                throw ValidationError("--expires-in-days must be 1 to 3650")
            }
            if tenant != .operators, scopes.permissions.contains(.operate) {
                throw ValidationError("the scope operate is for the operators' own keys: leave --tenant out")
            }
        }

        func run() async throws {
            let text = APIKeyText.make()
            let new = APIKeys.New(
                id: .make(), tenant: tenant, name: name, digest: text.digest, prefix: text.prefix,
                scopes: scopes.permissions.scopeNames, createdBy: nil, lifeDays: expiresInDays)
            let output = output
            try await OperatorSession.with { session in
                guard let key = try await session.keys.create(new) else {
                    throw ExitCode.refuse("there are \(APIKeys.maxPerTenant) keys already: revoke one first")
                }
                output.print("\(text.text)\n") { KeyLines.write(key, secret: text.text, to: &$0) }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a key. Gateways hear of it at once.")
        @Argument(help: "The key's id, as listed.") var id: APIKeyID

        func run() async throws {
            let id = id
            try await OperatorSession.with { session in
                guard try await session.keys.revoke(id) != nil else {
                    throw ExitCode.refuse("there is no key \(id), or it was revoked")
                }
                await session.tellGatewaysOfKeys()
                print("\(id) is revoked")
            }
        }
    }
}

/// Scopes as an argument: `jobs:read,jobs:write`.
struct ScopeList: ExpressibleByArgument {
    let permissions: Permissions

    init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        let found = names.map { Permissions(scope: $0) }
        guard !found.isEmpty, !found.contains(nil) else { return nil }
        permissions = found.reduce(into: []) { all, one in all.formUnion(one ?? []) }
    }

    static var allValueStrings: [String] { Permissions.scopes.map(\.name) }
}
