import Domain
import Jobs

/// Runs `token.renew`.
struct RenewTokenHandler: JobHandler {
    let renewal: TokenRenewal

    func handle(_ work: RenewToken, _ context: AttemptContext) async throws -> Completion {
        let ending = try await renewal.renew(work, context.job)
        var writer = JSONWriter(capacity: 160)
        writer.object { object in
            object.field("connection_id", work.connection.description)
            switch ending {
            case .renewed(let version):
                object.field("renewed", true)
                object.field("token_version", version)
            case .current, .gone: object.field("renewed", false)
            case .needsReconnect(let reason):
                object.field("renewed", false)
                object.field("needs_reconnect", reason.rawValue)
            }
        }
        return .finished(writer.bytes)
    }
}
