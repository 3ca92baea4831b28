import ArgumentParser
import Domain
import Jobs
import Postgres
import Store

/// `worker users delete`.
struct DeleteUser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "End an account at once, and erase what it owns. There is no way back.",
        discussion: "Prints the job that does the erasing. The last owner of a company with other members stays.")

    @Argument(help: "The account.") var user: AccountOperations.Name
    @Flag(help: "Do it. Without this, it only says whose account it is, and the status is 64.") var yes = false
    @OptionGroup var output: OutputOptions

    private struct Refused: Error { let deletion: AccountOperations.Deletion }

    func run() async throws {
        let (name, output, yes) = (user, output, yes)
        try await OperatorSession.with { session in
            // The job names the account by its id.
            guard let user = try await session.accounts.details(name)?.user else { throw ExitCode.noAccount(name) }
            guard yes else { throw ExitCode.unconfirmed("\(user.email) would be deleted") }
            do {
                let job = try await Self.delete(user.id, session)
                await session.tellGateways(of: user.id)
                output.print("\(user.email) is deleted; job \(job) erases what is left\n") { writer in
                    writer.object { object in
                        object.field("id", user.id.description)
                        object.field("job_id", job.description)
                    }
                }
            } catch let refused as Refused {
                if refused.deletion == .unknown { throw ExitCode.noAccount(name) }
                throw ExitCode.refuse(
                    "\(user.email) is the last owner of a company that has other members; make one of them an owner")
            }
        }
    }

    private static func delete(_ user: UserID, _ session: OperatorSession) async throws -> JobID {
        let erasure = try EraseAccount(user: user).specification()
        let id = JobID.make()
        _ = try await session.intake.accept(
            id: id, tenant: .operators, key: nil, acting: RowAccess.operators
        ) { transaction in
            let deletion = try await session.accounts.delete(.id(user), in: transaction)
            guard case .deleted = deletion else { throw Refused(deletion: deletion) }
            return erasure
        }
        return id
    }
}
