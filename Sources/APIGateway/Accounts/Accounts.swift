import Domain
import FoundationEssentials
import Jobs
import Postgres
import Store
import Vault

/// People's accounts as the gateway handles them: the rules, over the store and the vault.
struct Accounts: Sendable {
    let settings: AccountSettings
    let pool: PostgresPool
    let intake: JobIntake
    let standings: Standings
    let credentials: Credentials
    let hasher: PasswordHasher
    let rules: PasswordRules
    let refreshes: Refreshes

    var users: Users { Users(pool: pool) }
    var sessions: Sessions { Sessions(pool: pool) }

    /// A job that sends a mail. Operators own it, whoever it is for, like all jobs that nobody asked for as such: a
    /// person's list of jobs does not show it, and whether an address has an account does not show in whose queue it
    /// waits.
    static func mail(
        _ purpose: SendMail.Purpose, to email: EmailAddress, user: UserID? = nil
    ) throws -> JobSpecification {
        try SendMail(purpose, to: email, user: user).specification()
    }

    /// Records what happened to an account.
    static func note(
        _ action: AuditAction, of user: UserID, from origin: Origin, subject: String? = nil,
        in transaction: PostgresTransaction
    ) async throws {
        let tenant = TenantID(user)
        let caller = Caller(
            name: "user:\(user)", user: user, tenant: tenant, permissions: .all, address: origin.address,
            requestID: origin.requestID)
        let entry = AuditLog.Entry(action, tenant: tenant, user: user, subject: subject)
        try await AuditLog.record(entry, by: caller, in: transaction)
    }

    /// What acts as a person in their own workspace may see.
    static func acting(as user: UserID) -> [PostgresSetting] { RowAccess.user(user, tenants: [TenantID(user)]) }

    /// Writes in one transaction as a person, together with a job that follows from it, such as a mail to them.
    func withJob(
        _ specification: JobSpecification, as user: UserID,
        rows: @escaping @Sendable (PostgresTransaction) async throws -> Void
    ) async throws {
        let tenants = [TenantID.operators, TenantID(user)]
        _ = try await intake.accept(
            tenant: .operators, key: nil, acting: RowAccess.user(user, tenants: tenants)
        ) { transaction in
            try await rows(transaction)
            return specification
        }
    }
}
