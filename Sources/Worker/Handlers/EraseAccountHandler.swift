import Domain
import Jobs
import Store

/// Runs `account.erase`.
struct EraseAccountHandler: JobHandler {
    let erasure: AccountErasure
    let ending: WorkspaceEnding
    /// How long ago the account must have ended.
    var settleSeconds = AccountErasure.settleSeconds

    func handle(_ work: EraseAccount, _ context: AttemptContext) async throws -> Completion {
        // Jobs of earlier versions are the person's own.
        guard context.tenant == .operators || context.tenant == TenantID(work.user) else {
            throw Failure(.permanent, code: "not_permitted", message: "An account is erased by a job of the operators.")
        }
        let own = context.tenant == .operators ? nil : context.job.id
        // In the last attempt the account is erased without: nobody's wish to be forgotten waits for ever.
        let mayWait = context.job.attemptsSpent < context.job.maxAttempts
        let outcome = try await erasure.erase(work.user, but: own, settleSeconds: settleSeconds) { workspace in
            try await ending.revokeAll(of: workspace, mayWait: mayWait)
        }
        switch outcome {
        case .inUse:
            throw Failure(.permanent, code: "account_in_use", message: "The account has not been deleted.")
        case .busy:
            throw Failure(
                .retry, code: "account_busy", message: "The account, or a job of it, was active a moment ago.",
                retryAfterSeconds: 5, burnsAttempt: false)
        case .erased, .gone: return .finished(Array(#"{"erased":true}"#.utf8))
        }
    }
}
