import ArgumentParser
import Domain
import Store

/// `worker users`: people's accounts.
struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "Show and change people's accounts.",
        discussion: "USER is an e-mail address or an id. Whatever is changed is recorded in the audit log.",
        subcommands: [
            List.self, Show.self, CreateUser.self, Deactivate.self, Activate.self, Verify.self, RevokeSessions.self,
            DeleteUser.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List accounts, newest first.")

        @Argument(help: "Only those with this text in their address or name.") var matching: String?
        @Option(help: "The most accounts to list (1 to 10000).") var limit = 100
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let (text, limit, output) = (matching?.lowercased(), limit, output)
            try await OperatorSession.with { session in
                let users = try await session.accounts.list(matching: text, limit: limit)
                output.print(UserLines.table(users), "users", users) { UserLines.write($0, to: &$1) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an account with its sessions, companies and identities.")
        @Argument(help: "The account.") var user: AccountOperations.Name
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (user, output) = (user, output)
            try await OperatorSession.with { session in
                guard let details = try await session.accounts.details(user) else { throw ExitCode.noAccount(user) }
                output.print(UserLines.sheet(details)) { UserLines.write(details, to: &$0) }
            }
        }
    }

    struct Deactivate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a person in no more, and end their sessions. Nothing is lost.")
        @Argument(help: "The account.") var user: AccountOperations.Name
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await UsersCommand.change(user, .userDeactivated, ending: .operators, output, "is deactivated") {
                $0.isActive = false
            }
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a person in again who was deactivated.")
        @Argument(help: "The account.") var user: AccountOperations.Name
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await UsersCommand.change(user, .userActivated, output, "is active") { $0.isActive = true }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take an account's address as its owner's, without a mail.")
        @Argument(help: "The account.") var user: AccountOperations.Name
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await UsersCommand.change(user, .verified, output, "is verified") { $0.isVerified = true }
        }
    }

    private static func change(
        _ name: AccountOperations.Name, _ action: AuditAction, ending: Session.Revocation? = nil,
        _ output: OutputOptions, _ state: String, _ body: @escaping @Sendable (inout User) -> Void
    ) async throws {
        try await OperatorSession.with { session in
            guard let user = try await session.accounts.change(name, action, ending: ending, body) else {
                throw ExitCode.noAccount(name)
            }
            await session.tellGateways(of: user.id)
            output.print("\(user.email) \(state)\n") { UserLines.write(user, to: &$0) }
        }
    }

    struct RevokeSessions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke-sessions", abstract: "Sign a person out everywhere.")
        @Argument(help: "The account.") var user: AccountOperations.Name
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (name, output) = (user, output)
            try await OperatorSession.with { session in
                guard let (user, count) = try await session.accounts.revokeSessions(of: name) else {
                    throw ExitCode.noAccount(name)
                }
                await session.tellGateways(of: user.id)
                output.print("\(user.email) is signed out of \(count) sessions\n") { writer in
                    writer.object { object in
                        object.field("id", user.id.description)
                        object.field("revoked_sessions", count)
                    }
                }
            }
        }
    }
}

extension ExitCode {
    static func noAccount(_ name: AccountOperations.Name) -> ExitCode { refuse("there is no account \(name.text)") }
}
