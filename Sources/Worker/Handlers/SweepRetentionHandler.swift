import Domain
import Jobs

/// Runs `sweep.retention`.
struct SweepRetentionHandler: JobHandler {
    let retention: Retention

    func handle(_ work: SweepRetention, _ context: AttemptContext) async throws -> Completion {
        let pruned = try await retention.sweep()
        var writer = JSONWriter(capacity: 32)
        writer.object { $0.field("pruned", pruned) }
        return .finished(writer.bytes)
    }
}
