import ArgumentParser
import Domain
import Jobs
import Postgres
import Settings
import Store
import Vault

/// `worker users create`.
struct CreateUser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Open an account and print its id.",
        discussion: """
            The password is one line of standard input, never an argument, which others can read. The address counts \
            as verified unless a link is mailed.
            """)

    @Argument(help: "The person's e-mail address.") var email: EmailAddress
    @Option(help: "The person's name.") var name = ""
    @Flag(help: "May do whatever a service key may.") var superuser = false
    @Flag(help: "Read no password; mail the person a link to choose one.") var mailLink = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard name.unicodeScalars.count <= User.maxNameCharacters else {
            throw ValidationError("--name must be at most \(User.maxNameCharacters) characters")
        }
    }

    func run() async throws {
        var user = User(id: .make(), email: email, name: name, isVerified: !mailLink, isSuperuser: superuser)
        if !mailLink { user.passwordHash = try await Self.hash(of: user) }
        let (new, mailLink, output) = (user, mailLink, output)
        try await OperatorSession.with { session in
            let isMade = mailLink ? try await Self.createWithLink(new, session) : try await session.accounts.create(new)
            guard isMade else { throw ExitCode.refuse("\(new.email) has an account already") }
            output.print("\(new.id)\n") { UserLines.write(new, to: &$0) }
        }
    }

    private static func hash(of user: User) async throws -> String {
        var reader = SettingsReader.environment()
        let minCharacters = reader.int("password.min.length", default: PasswordRules.defaultMinCharacters, in: 8...64)
        let breaches = reader.optionalText("breached.passwords.file")
        try ExitCode.orThrow { try reader.finish() }
        guard let password = PasswordInput.read(prompt: "Password for \(user.email): "), !password.isEmpty else {
            throw ExitCode.refuse("give the password on standard input, or --mail-link")
        }
        do {
            var breached: BreachedPasswords?
            if let breaches { breached = try await BreachedPasswords(path: breaches) }
            let rules = PasswordRules(minCharacters: minCharacters, breached: breached)
            if let refusal = try await rules.refusal(of: password, email: user.email.text, name: user.name) {
                throw ExitCode.refuse(refusal.sentence)
            }
            return try await PasswordHasher(threads: 1).hash(password)
        } catch let error as VaultError {
            throw ExitCode.refuse("\(error)")
        }
    }

    private struct AddressTaken: Error {}

    /// The account and the job that mails the link come about together.
    private static func createWithLink(_ user: User, _ session: OperatorSession) async throws -> Bool {
        let mail = try SendMail(.resetPassword, to: user.email, user: user.id).specification()
        do {
            _ = try await session.intake.accept(tenant: .operators, key: nil, acting: RowAccess.operators) {
                guard try await session.accounts.create(user, in: $0) else { throw AddressTaken() }
                return mail
            }
            return true
        } catch is AddressTaken {
            return false
        }
    }
}
