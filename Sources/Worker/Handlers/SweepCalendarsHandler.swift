import Domain
import Jobs
import Store

/// Runs `sweep.calendars`, in memory for one page however much is due.
struct SweepCalendarsHandler: JobHandler {
    let sweep: CalendarSweep
    let intake: JobIntake
    let settings: CalendarSettings

    func handle(_ work: SweepCalendars, _ context: AttemptContext) async throws -> Completion {
        let accounts = try await enqueue(sweep.newAccounts) {
            ($0.tenant, try ListCalendars($0.connection).specification(priority: .normal))
        }
        let lists = try await enqueue(sweep.dueLists) {
            ($0.tenant, try ListCalendars($0.connection).specification(priority: .low))
        }
        let calendars = try await enqueue(sweep.dueCalendars) {
            ($0.tenant, try SyncCalendar($0.calendar).specification(priority: .low))
        }
        let channels = try await enqueueChannels()
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

    private func enqueueChannels() async throws -> Int {
        let ending = try await enqueue(sweep.dueChannels) {
            ($0.tenant, try WatchCalendar($0.calendar).specification(priority: .low))
        }
        guard settings.notificationsURL != nil else { return ending }
        let unwatched = try await enqueue(sweep.unwatched) {
            ($0.tenant, try WatchCalendar($0.calendar).specification(priority: .low))
        }
        return ending + unwatched
    }

    /// - Parameters:
    ///   - page: what is due, after the last one of the page before.
    ///   - job: what it takes.
    /// - Returns: how many jobs are new.
    private func enqueue<Due>(
        _ page: (Due?) async throws -> [Due], _ job: (Due) throws -> (TenantID, JobSpecification)
    ) async throws -> Int {
        var count = 0
        var last: Due?
        while true {
            try Task.checkCancellation()
            let due = try await page(last)
            let jobs = try due.map { due in
                let (tenant, specification) = try job(due)
                return NewJob(tenant: tenant, specification: specification)
            }
            if !jobs.isEmpty { count += try await intake.accept(jobs).count { $0.isNew } }
            last = due.last
            if due.count < CalendarSweep.page { return count }
        }
    }
}
