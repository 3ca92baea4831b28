import Domain
import FoundationEssentials
import Jobs
import Postgres
import Store
import Vault

extension Accounts {
    /// - Throws: `Problem` (401) when there is no such account any more.
    func user(_ id: UserID) async throws -> User {
        guard let user = try await users.find(id), user.isUsable else { throw Problem.unauthenticated }
        return user
    }

    /// - Throws: `Problem` (401).
    func rename(_ id: UserID, to name: String) async throws -> User {
        try await pool.transaction(settings: Self.acting(as: id)) { transaction in
            guard var user = try await users.lock(id, in: transaction), user.isUsable else {
                throw Problem.unauthenticated
            }
            user.name = name
            try await users.update(user, in: transaction)
            return user
        }
    }

    /// Notes the address an account is to have, and mails a link there; the account keeps the old one until it is
    /// followed. The same whether or not somebody else has the address.
    /// - Throws: `Problem` (400, 401).
    func changeEmail(of id: UserID, to email: EmailAddress, password: String, origin: Origin) async throws -> User {
        let confirmed = try await confirm(password, of: id)
        guard email != confirmed.email else { return confirmed }
        let mail = try Self.mail(.verify, to: email, user: id)
        let notice = try Self.mail(.emailChange, to: confirmed.email, user: id)
        _ = try await intake.accept(tenant: .operators, key: nil) { _ in notice }
        try await withJob(mail, as: id) { transaction in
            guard var user = try await users.lock(id, in: transaction) else { throw Problem.unauthenticated }
            user.pendingEmail = email
            try await users.update(user, in: transaction)
            try await Self.note(.emailChangeRequested, of: id, from: origin, in: transaction)
        }
        return try await user(id)
    }

    /// Ends the account at once, and leaves the erasing of what it owns to a job.
    /// - Throws: `Problem` (400; 401; 409 for the last owner of a company with other members).
    func delete(_ id: UserID, password: String?, origin: Origin) async throws {
        let user = try await user(id)
        if user.passwordHash != nil { _ = try await confirm(password ?? "", of: id) }
        let erasure = try EraseAccount(user: id).specification()
        try await withJob(erasure, as: id) { transaction in
            guard var locked = try await users.lock(id, in: transaction), locked.isUsable else {
                throw Problem.unauthenticated
            }
            guard try await users.leaveCompanies(id, in: transaction) else { throw Problem.company(.lastOwner) }
            locked.close()
            try await users.update(locked, in: transaction)
            try await sessions.revokeOthers(of: id, but: nil, because: .accountDeleted, in: transaction)
            try await Self.note(.accountDeleted, of: id, from: origin, in: transaction)
            // Leaving companies, it acted for these.
            try await RowAccess.act(for: [.operators], in: transaction)
        }
        await standings.changed(id)
    }
}
