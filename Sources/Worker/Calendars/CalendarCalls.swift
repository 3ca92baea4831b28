import Domain
import Jobs
import Providers
import Store

/// Calls of Google Calendar on behalf of connections: each waits for the quota, and has the connection's token.
struct CalendarCalls: Sendable {
    let client: GoogleCalendar
    let tokens: AccessTokens
    let governor: QuotaGovernor

    /// Whose calls they are.
    struct Account: Sendable {
        var connection: ConnectionID
        var tenant: TenantID
        var urgency: QuotaGovernor.Urgency
        /// How often the job has waited for something before.
        var waits: Int
    }

    /// How long one call waits for its quota here, rather than let the job come back later.
    enum Patience: Sendable {
        case first
        /// What was done before would be done again.
        case midway

        var seconds: Double {
            switch self {
            case .first: 2
            case .midway: 120
            }
        }
    }

    /// - Throws: `CalendarFault` for what only the caller can judge: `tokenOver`, `notFound`, `denied`, `duplicate`,
    ///   `changed`, `gone`; `Failure` for everything else.
    func call<Answer: Sendable>(
        _ account: Account, _ patience: Patience = .first,
        _ body: (GoogleCalendar, _ token: String) async throws(CalendarFault) -> Answer
    ) async throws -> Answer {
        let access = try await tokens.access(to: account.connection, tenant: account.tenant, waits: account.waits)
        let user = QuotaUser(accountID: access.accountID)
        try await admit(user, account.urgency, patience)
        do {
            return try await body(client, access.token)
        } catch {
            switch error {
            case .tokenOver, .notFound, .denied, .duplicate, .changed, .gone: throw error
            case .unauthorised:
                throw try await tokens.reject(
                    access.version, of: account.connection, tenant: account.tenant, waits: account.waits)
            case .quota(let seconds, _):
                throw await refused(user, seconds: seconds, isProject: error.isOfProject)
            case .other(let failure): throw failure
            }
        }
    }

    private func admit(
        _ user: QuotaUser, _ urgency: QuotaGovernor.Urgency, _ patience: Patience
    ) async throws {
        var left = patience.seconds
        while case .after(let seconds) = await governor.admit(user: user, as: urgency) {
            guard seconds <= left else {
                throw Failure(
                    .retry, code: "quota_wait", message: "The provider's quota is used up for the moment.",
                    retryAfterSeconds: seconds, burnsAttempt: false)
            }
            left -= seconds
            try await Task.sleep(for: .seconds(seconds))
        }
    }

    /// The provider counted more than was counted here: somebody else draws on the same quota.
    private func refused(_ user: QuotaUser, seconds: Double?, isProject: Bool) async -> Failure {
        await governor.refused(user: user, seconds: seconds, isProject: isProject)
        return Failure(
            .retry, code: "quota_exceeded", message: "The provider says that its quota is used up.",
            retryAfterSeconds: seconds ?? 10, burnsAttempt: false)
    }
}

extension AttemptContext {
    /// For calls on behalf of the job.
    func account(_ connection: ConnectionID) -> CalendarCalls.Account {
        CalendarCalls.Account(connection: connection, tenant: tenant, urgency: urgency, waits: job.refunds)
    }

    /// Whether a failure is the job's last.
    func endsJob(_ failure: Failure) -> Bool {
        switch failure.kind {
        case .permanent: true
        case .retry, .unknownOutcome: failure.burnsAttempt && job.attemptsSpent >= job.maxAttempts
        case .needsReconnect, .cancelled: false
        }
    }

    /// What somebody waits for goes before what nobody does.
    var urgency: QuotaGovernor.Urgency { job.list.priority == .urgent ? .interactive : .background }
}
