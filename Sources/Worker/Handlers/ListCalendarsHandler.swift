import Domain
import Jobs
import Postgres
import Providers
import Store

/// Runs `calendar.list`: which calendars an account has. Those that are new are read; those that are gone go.
struct ListCalendarsHandler: JobHandler {
    let pool: PostgresPool
    let calendars: Calendars
    let calls: CalendarCalls
    let settings: CalendarSettings

    func handle(_ work: ListCalendars, _ context: AttemptContext) async throws -> Completion {
        do {
            return try await list(work, context)
        } catch let failure as Failure where context.endsJob(failure) {
            // Or the next sweep would begin the same again.
            try await calendars.restList(of: work.connection, tenant: context.tenant, seconds: Self.restSeconds)
            throw failure
        }
    }

    /// How long an account's list is let be that cannot be read.
    private static let restSeconds = 3_600

    private func list(_ work: ListCalendars, _ context: AttemptContext) async throws -> Completion {
        do {
            return try await read(work, context, full: work.isFull ?? false)
        } catch CalendarFault.tokenOver {
            return try await readEverything(work, context)
        } catch CalendarError.notFound {
            throw Failure.connectionMissing
        } catch CalendarError.superseded {
            throw Failure.syncSuperseded
        } catch let fault as CalendarFault {
            throw Failure(calendarList: fault)
        }
    }

    private func readEverything(_ work: ListCalendars, _ context: AttemptContext) async throws -> Completion {
        do {
            return try await read(work, context, full: true)
        } catch CalendarError.superseded {
            throw Failure.syncSuperseded
        } catch let fault as CalendarFault {
            throw Failure(calendarList: fault)
        }
    }

    private func read(_ work: ListCalendars, _ context: AttemptContext, full: Bool) async throws -> Completion {
        let run = try await calendars.beginList(of: work.connection, tenant: context.tenant, full: full)
        let account = context.account(work.connection)
        var paging = Paging()
        while true {
            let page = try await calls.call(account, paging.patience) { [paging] client, token throws(CalendarFault) in
                try await client.calendars(syncToken: run.token, pageToken: paging.token, token: token)
            }
            guard let next = page.nextPageToken else {
                guard let token = page.nextSyncToken else { throw Failure.syncTokenMissing }
                return try await end(run, page.calendars, token, all: work.isFull ?? false, context)
            }
            try await calendars.apply(page.calendars, of: run)
            try paging.turn(to: next)
        }
    }

    /// Written before the job's end, since what is to follow depends on it; a repeat finds the same.
    private func end(
        _ run: Calendars.ListRun, _ page: [ListedCalendar], _ token: String, all: Bool, _ context: AttemptContext
    ) async throws -> Completion {
        let next = Double(settings.listPollSeconds)
        let toRead = try await pool.transaction(settings: JobStore.acting(for: context.tenant)) { transaction in
            try await calendars.finish(page, of: run, token: token, nextInSeconds: next, all: all, in: transaction)
        }
        let priority = context.job.list.priority
        var writer = JSONWriter(capacity: 120)
        writer.object { object in
            object.field("connection_id", run.connection.description)
            object.field("to_read", toRead.count)
        }
        return .finished(
            writer.bytes, followUps: try toRead.map { try SyncCalendar($0).specification(priority: priority) },
            topics: [.calendars(of: context.tenant)])
    }
}

extension Failure {
    /// What an account's list of calendars cannot be read for.
    init(calendarList fault: CalendarFault) {
        switch fault {
        case .denied(let reason) where reason == CalendarFault.scopeMissing:
            self.init(
                .permanent, code: "scope_missing",
                message: "The account was connected without its calendars: connect it again with them.")
        case .denied(let reason):
            self.init(
                .permanent, code: FailureCode.of(reason), message: "The provider does not let its calendars be read.")
        default:
            self.init(.retry, code: "calendar_list_refused", message: "The provider refused the list of calendars.")
        }
    }
}
