import Domain
import FoundationEssentials
import Jobs
import Postgres
import Store
import Vault

extension Accounts {
    struct Registration: Sendable {
        var email: EmailAddress
        var password: String
        var name: String
    }

    /// Makes an account, and mails its owner.
    ///
    /// Where addresses must be verified, the answer is the same for an address that has an account: its owner learns by
    /// mail that somebody tried. Then the returned account exists in the answer only.
    /// - Throws: `Problem` (400 for a bad password, or, where addresses need not be verified, for one that is taken;
    ///   503 when too many wait for their passwords to be hashed).
    func register(_ registration: Registration, from origin: Origin) async throws -> User {
        try await check(registration.password, of: registration.email, name: registration.name, at: .register)
        let hash = try await hasher.hash(registration.password)
        let new = User(
            id: .make(), email: registration.email, name: registration.name, passwordHash: hash)
        // Twice: another request may take the address between the look and the write.
        for _ in 0..<2 {
            let holder = try await users.find(registration.email)
            // Also when there is none, so that the time tells nothing.
            let isSame = try await hasher.verify(registration.password, against: holder?.passwordHash).isRight
            if let holder {
                guard settings.requiresVerification else { throw Problem.userAlreadyExists }
                try await registerAgain(holder, isSame: isSame, origin)
                return new
            }
            if try await create(new, origin) { return new }
        }
        return new
    }

    /// - Returns: false when the address has just been taken.
    private func create(_ new: User, _ origin: Origin) async throws -> Bool {
        do {
            let mail = try Self.mail(.verify, to: new.email, user: new.id)
            try await withJob(mail, as: new.id) { transaction in
                guard try await users.insert(new, in: transaction) else { throw AddressTaken() }
                try await Self.note(.registered, of: new.id, from: origin, in: transaction)
            }
            return true
        } catch is AddressTaken {
            return false
        }
    }

    private struct AddressTaken: Error {}

    /// Somebody registers an address that has an account. If it was never verified, and the password is another, nobody
    /// knows whose password is on it, so it has none any more: whoever reads the mail chooses one.
    /// - Parameter isSame: the password is that of the account, as after a double click.
    private func registerAgain(_ holder: User, isSame: Bool, _ origin: Origin) async throws {
        let isNew = !holder.isVerified && holder.lastLoginAt == nil
        let isContested = isNew && !isSame
        let purpose: SendMail.Purpose = isContested ? .contested : isNew ? .verify : .alreadyRegistered
        let mail = try Self.mail(purpose, to: holder.email, user: holder.id)
        try await withJob(mail, as: holder.id) { transaction in
            if isContested, var locked = try await users.lock(holder.id, in: transaction), !locked.isVerified {
                locked.passwordHash = nil
                try await users.update(locked, in: transaction)
            }
            try await Self.note(.registeredAgain, of: holder.id, from: origin, in: transaction)
        }
    }

    /// Mails a link that verifies an address, if its account needs it. The same for every address, so that nobody can
    /// find out which have accounts: the worker looks when it sends.
    func requestVerification(_ email: EmailAddress) async throws {
        let mail = try Self.mail(.verify, to: email)
        _ = try await intake.accept(tenant: .operators, key: nil) { _ in mail }
    }

    /// Marks an address as its reader's: that of the account, or the one it is to have instead.
    /// - Throws: `Problem` (400).
    func verify(_ token: String, from origin: Origin) async throws -> User {
        guard let read = credentials.mailed.readVerification(token) else { throw Problem.badVerifyToken }
        let id = UserID(read.user)
        return try await pool.transaction(settings: Self.acting(as: id)) { transaction in
            guard var user = try await users.lock(id, in: transaction), user.isUsable else {
                throw Problem.badVerifyToken
            }
            if let pending = user.pendingEmail, credentials.mailed.isOf(read, email: pending.text) {
                (user.email, user.pendingEmail) = (pending, nil)
            } else if !credentials.mailed.isOf(read, email: user.email.text) {
                throw Problem.badVerifyToken
            } else if user.isVerified {
                throw Problem.alreadyVerified
            }
            user.isVerified = true
            do {
                try await users.update(user, in: transaction)
            } catch let error as PostgresError where error.isAddressTaken {
                throw Problem.badVerifyToken
            }
            try await Self.note(.verified, of: id, from: origin, in: transaction)
            return user
        }
    }

    /// - Throws: `Problem` (400).
    func check(
        _ password: String, of email: EmailAddress, name: String, at route: Problem.PasswordRoute
    ) async throws {
        if let refusal = try await rules.refusal(of: password, email: email.text, name: name) {
            throw Problem.invalidPassword(refusal.sentence, at: route)
        }
    }
}
