import Domain
import FoundationEssentials
import Jobs
import Store

/// Runs `connection.check`.
struct CheckConnectionHandler: JobHandler {
    let tokens: AccessTokens

    func handle(_ work: CheckConnection, _ context: AttemptContext) async throws -> Completion {
        let version = try await tokens.access(
            to: work.connection, tenant: context.tenant, waits: context.job.refunds
        ).version
        let connection = try await tokens.connections.find(work.connection, tenant: context.tenant)
        var writer = JSONWriter(capacity: 160)
        writer.object { object in
            object.field("connection_id", work.connection.description)
            object.field("expires_at", connection.expiresAt)
            object.field("token_version", version)
        }
        return .finished(writer.bytes)
    }
}
