import Domain
import Jobs
import Store

/// Runs `sweep.calendars`, in memory for one page however much is due.
struct SweepCalendarsHandler: JobHandler {
    let sweep: CalendarSweep
    let intake: JobIntake
    let watches: Bool

    func handle(_ work: SweepCalendars, _ context: AttemptContext) async throws -> Completion {
        let accounts = try await enqueue(sweep.newAccounts) {
            try ListCalendars($0.connection).specification(priority: .normal)
        }
        let lists = try await enqueue(sweep.dueLists) { try ListCalendars($0.connection).specification(priority: .low) }
        let calendars = try await enqueue(sweep.dueCalendars) {
            try SyncCalendar($0.calendar).specification(priority: .low)
        }
        let channels =
            watches
            ? try await enqueue(sweep.dueChannels) { try WatchCalendar($0.calendar).specification(priority: .low) } : 0
        let pruned = try await sweep.prune()
        var writer = JSONWriter(capacity: 120)
        writer.object { object in
            object.field("accounts", accounts)
            object.field("lists", lists)
            object.field("calendars", calendars)
            object.field("channels", channels)
            object.field("pruned", pruned)
        }
        return .finished(writer.bytes)
    }

    /// - Returns: how many jobs are new.
    private func enqueue<Due: CalendarSweep.Row>(
        _ page: (Due?) async throws -> [Due], _ specification: (Due) throws -> JobSpecification
    ) async throws -> Int {
        var count = 0
        var last: Due?
        while true {
            try Task.checkCancellation()
            let due = try await page(last)
            let jobs = try due.map { NewJob(tenant: $0.tenant, specification: try specification($0)) }
            if !jobs.isEmpty { count += try await intake.accept(jobs).count { $0.isNew } }
            last = due.last
            if due.count < CalendarSweep.page { return count }
        }
    }
}
