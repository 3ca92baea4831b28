package import Domain
import Postgres

extension JobIntake {
    /// What became of a request for a batch.
    package enum KeyedBatch: Sendable {
        case accepted(BatchID)
        case replayed(BatchID)
        /// The Idempotency-Key belongs to another request.
        case conflict
        case inProgress
    }

    /// Accepts jobs and what follows when they have ended, all or nothing.
    /// - Parameters:
    ///   - jobs: 1 to 10,000.
    ///   - callback: becomes a job when all of them have ended, however. `nil`: nobody is called.
    package func accept(
        batch jobs: [JobSpecification], callback: JobSpecification?, tenant: TenantID, key: RequestKey?
    ) async throws -> KeyedBatch {
        let id = BatchID.make()
        let new = jobs.map { specification in
            var specification = specification
            specification.batch = id
            return NewJob(tenant: tenant, specification: specification)
        }
        let (keyed, accepted) = try await transaction(tenant) { transaction -> (KeyedBatch, [Acceptance]) in
            if let key {
                switch try await store.claim(key, tenant: tenant, for: id.uuid, in: transaction) {
                case .new: break
                case .inProgress: return (.inProgress, [])
                case .conflict: return (.conflict, [])
                case .replay(let earlier): return (.replayed(BatchID(earlier)), [])
                }
            }
            let accepted = try await store.accept(new, in: transaction)
            try await store.insertBatch(
                id, tenant: tenant, jobs: accepted.map(\.job.id), callback: callback, in: transaction)
            return (.accepted(id), accepted)
        }
        await handOver(accepted)
        return keyed
    }
}
