package import Domain

extension JobIntake {
    /// Has a schedule make its job now; its ticks stay as they are.
    /// - Returns: `nil` when the tenant has none of that name.
    package func fire(_ name: ScheduleName, tenant: TenantID) async throws -> Keyed? {
        guard let schedule = try await store.findSchedule(name, tenant: tenant) else { return nil }
        let acceptance = try await transaction(tenant) { transaction in
            let job = NewJob(tenant: tenant, specification: schedule.specification)
            let acceptance = try await store.accept([job], in: transaction)[0]
            try await store.noteFired(name, tenant: tenant, job: acceptance.job.id, in: transaction)
            return acceptance
        }
        await handOver([acceptance])
        return acceptance.isNew ? .accepted(acceptance.job) : .deduplicated(acceptance.job)
    }
}
