import Domain
import FoundationEssentials
import Jobs
import Postgres
import Store
import Vault

extension Accounts {
    /// A failed sign-in is answered no sooner than this, whatever was wrong: neither an address without an account nor
    /// a hash of another kind shows by its time.
    static let failureFloor = Duration.milliseconds(500)

    /// Checks a password and opens a session.
    /// - Parameter email: `nil`: what was typed is no address.
    /// - Throws: `Problem` (400; 503 when too many wait for their passwords to be checked).
    func signIn(_ email: EmailAddress?, password: String, from origin: Origin) async throws -> SignIn {
        let started = ContinuousClock.now
        let user = if let email { try await users.find(email) } else { User?.none }
        let verdict = try await hasher.verify(password, against: user?.passwordHash)
        guard let user, verdict.isRight, user.isUsable, user.isVerified || !settings.requiresVerification else {
            if let user { try await noteFailure(user.id, origin) }
            try await Task.sleep(until: started + Self.failureFloor, clock: .continuous)
            throw Problem.badCredentials
        }
        let rehashed = verdict == .right(rehashDue: true) ? try await hasher.hash(password) : nil
        return try await open(user.id, rehashed: rehashed, origin)
    }

    private func noteFailure(_ user: UserID, _ origin: Origin) async throws {
        try await pool.transaction(settings: Self.acting(as: user)) { transaction in
            try await Self.note(.loginFailed, of: user, from: origin, in: transaction)
        }
    }

    private func open(_ user: UserID, rehashed: String?, _ origin: Origin) async throws -> SignIn {
        let session = SessionID.make()
        try await pool.transaction(settings: Self.acting(as: user)) { transaction in
            try await sessions.open(
                session, of: user, lifeHours: settings.sessionDays * 24, userAgent: origin.userAgent,
                address: origin.address, in: transaction)
            try await users.signedIn(user, rehashed: rehashed, in: transaction)
            try await Self.note(.login, of: user, from: origin, subject: "session:\(session)", in: transaction)
        }
        return SignIn(user: user, session: session)
    }

    /// The session ends for every gateway and every token of it.
    func signOut(_ signIn: SignIn, from origin: Origin) async throws {
        try await end(signIn.session, of: signIn.user, because: .logout, action: .logout, origin)
    }

    /// - Returns: false when there is no such session.
    @discardableResult
    func end(
        _ session: SessionID, of user: UserID, because reason: Session.Revocation, action: AuditAction, _ origin: Origin
    ) async throws -> Bool {
        let isEnded = try await pool.transaction(settings: Self.acting(as: user)) { transaction in
            guard try await sessions.revoke(session, of: user, because: reason, in: transaction) else { return false }
            try await Self.note(action, of: user, from: origin, subject: "session:\(session)", in: transaction)
            return true
        }
        if isEnded { await standings.changed(user) }
        return isEnded
    }

    /// Ends all of a person's sessions but the one they use.
    func endOthers(of user: UserID, but kept: SessionID?, from origin: Origin) async throws {
        try await pool.transaction(settings: Self.acting(as: user)) { transaction in
            try await sessions.revokeOthers(of: user, but: kept, because: .revoked, in: transaction)
            try await Self.note(.sessionsRevoked, of: user, from: origin, in: transaction)
        }
        await standings.changed(user)
    }
}
