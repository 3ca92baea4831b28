import Domain
import FoundationEssentials
import Jobs
import Postgres
import Store
import Vault

extension Accounts {
    /// Mails a link to choose a new password. The same for every address: the worker looks when it sends.
    func forgotPassword(_ email: EmailAddress) async throws {
        let mail = try Self.mail(.resetPassword, to: email)
        _ = try await intake.accept(tenant: .operators, key: nil) { _ in mail }
    }

    /// Sets the password of whoever got the mail, which also verifies the address, and ends all sessions.
    /// - Throws: `Problem` (400).
    func resetPassword(_ token: String, to password: String, from origin: Origin) async throws {
        guard let read = credentials.mailed.readReset(token), let user = try await users.find(UserID(read.user)),
            user.isUsable, credentials.mailed.isOf(read, passwordHash: user.passwordHash)
        else { throw Problem.badResetToken }
        try await check(password, of: user.email, name: user.name, at: .reset)
        let hash = try await hasher.hash(password)
        let mail = try Self.mail(.passwordChanged, to: user.email, user: user.id)
        try await withJob(mail, as: user.id) { transaction in
            // Again, under the row's lock: a link is good for one password.
            guard var locked = try await users.lock(user.id, in: transaction), locked.isUsable,
                credentials.mailed.isOf(read, passwordHash: locked.passwordHash)
            else { throw Problem.badResetToken }
            locked.passwordHash = hash
            locked.isVerified = true
            try await users.update(locked, in: transaction)
            try await sessions.revokeOthers(of: user.id, but: nil, because: .passwordChanged, in: transaction)
            try await Self.note(.passwordReset, of: user.id, from: origin, in: transaction)
        }
        await standings.changed(user.id)
    }

    /// Sets a password in place of the current one, and ends the other sessions.
    /// - Throws: `Problem` (400).
    func changePassword(
        of id: UserID, session: SessionID?, from current: String, to password: String, origin: Origin
    ) async throws {
        let user = try await confirm(current, of: id)
        try await check(password, of: user.email, name: user.name, at: .update)
        let hash = try await hasher.hash(password)
        let mail = try Self.mail(.passwordChanged, to: user.email, user: id)
        try await withJob(mail, as: id) { transaction in
            guard var locked = try await users.lock(id, in: transaction), locked.passwordHash == user.passwordHash
            else { throw Problem.wrongPassword }
            locked.passwordHash = hash
            try await users.update(locked, in: transaction)
            try await sessions.revokeOthers(of: id, but: session, because: .passwordChanged, in: transaction)
            try await Self.note(.passwordChanged, of: id, from: origin, in: transaction)
        }
        await standings.changed(id)
    }

    /// The account, if this is its password.
    /// - Throws: `Problem` (400, 401).
    func confirm(_ password: String, of id: UserID) async throws -> User {
        guard let user = try await users.find(id), user.isUsable else { throw Problem.unauthenticated }
        guard let hash = user.passwordHash, try await hasher.verify(password, against: hash).isRight else {
            throw Problem.wrongPassword
        }
        return user
    }
}
