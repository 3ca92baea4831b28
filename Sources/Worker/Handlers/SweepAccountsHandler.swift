import Domain
import Jobs
import Store

/// Runs `sweep.accounts`.
struct SweepAccountsHandler: JobHandler {
    let retention: AccountRetention
    let ending: WorkspaceEnding

    func handle(_ work: SweepAccounts, _ context: AttemptContext) async throws -> Completion {
        let swept = try await retention.sweep { try await ending.revokeAll(of: $0, mayWait: false) }
        var writer = JSONWriter(capacity: 128)
        writer.object { object in
            object.field("sessions", swept.sessions)
            object.field("audit_events", swept.auditEvents)
            object.field("tasks", swept.tasks)
            object.field("invitations", swept.invitations)
            object.field("companies", swept.companies)
            object.field("accounts", swept.accounts)
        }
        return .finished(writer.bytes)
    }
}
