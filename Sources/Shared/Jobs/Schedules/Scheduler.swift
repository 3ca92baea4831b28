import Domain
package import FoundationEssentials
package import Logging
import Metrics
import Postgres

/// Makes the jobs of schedules that are due. Any number of processes may do this at once: a schedule's row is locked,
/// and its job and its next tick are written in one transaction, so each tick is answered for by exactly one job.
package struct Scheduler: Sendable {
    let store: JobStore
    let queue: JobQueue
    let logger: Logger

    package init(store: JobStore, queue: JobQueue, logger: Logger) {
        self.store = store
        self.queue = queue
        self.logger = logger
    }

    /// Schedules fired by one transaction.
    static let batch = 100
    /// How long one that cannot be read is left alone: a newer version may be on its way.
    static let retryUnreadable = 60.0

    /// - Parameter now: in place of the database's clock.
    /// - Returns: how many jobs were made.
    @discardableResult
    package func fireDue(now: Date? = nil) async throws -> Int {
        var made = 0
        while true {
            let (due, accepted) = try await fireOnce(now)
            await JobIntake.handOver(accepted.filter { $0.isNew || $0.isMoved }.map(\.job), to: queue, logger)
            made += accepted.count(where: \.isNew)
            if due < Self.batch { return made }
        }
    }

    private func fireOnce(_ now: Date?) async throws -> (due: Int, accepted: [Acceptance]) {
        try await store.pool.transaction { transaction in
            let due = try await store.dueSchedules(now: now, limit: Self.batch, in: transaction)
            let plan = due.map { Self.plan($0) }
            for place in due.indices where plan[place].isUnreadable {
                logger.error("schedule cannot be read", metadata: ["schedule": "\(due[place].id)"])
            }
            let accepted = try await store.accept(plan.compactMap(\.job), in: transaction)
            var answers = accepted.makeIterator()
            let steps = plan.map { planned in
                var step = planned.step
                if planned.job != nil { step.job = answers.next()?.job.id }
                return step
            }
            try await store.advance(steps, in: transaction)
            Counter(label: "errand_schedule_ticks_missed_total").increment(by: steps.reduce(0) { $0 + $1.missed })
            return (due.count, accepted)
        }
    }

    private struct Planned {
        var step: JobStore.ScheduleAdvance
        var job: NewJob?
        var isUnreadable = false
    }

    private static func plan(_ due: JobStore.DueSchedule) -> Planned {
        guard let schedule = due.schedule, let rule = try? ScheduleRule(schedule.rule, zone: schedule.timeZone) else {
            return Planned(step: .init(id: due.id, nextAt: due.now + retryUnreadable), isUnreadable: true)
        }
        switch ScheduleStep(rule, nextAt: schedule.nextAt, now: due.now) {
        case .wait(let until): return Planned(step: .init(id: due.id, nextAt: until))
        case .fire(let tick):
            return Planned(
                step: .init(id: due.id, nextAt: tick.next, firedAt: tick.fire, missed: tick.missed),
                job: NewJob(tenant: schedule.tenant, specification: schedule.specification))
        }
    }
}
