import Domain
import Jobs
import Logging
import Postgres
import Providers
import Store

/// Runs `calendar.sync`: by what changed since the last time, or from the beginning. The last page, what it leaves to
/// be swept, the token for the next time and the job's end are one transaction.
struct SyncCalendarHandler: JobHandler {
    let calendars: Calendars
    let calls: CalendarCalls
    let settings: CalendarSettings
    let wake: CalendarWake

    func handle(_ work: SyncCalendar, _ context: AttemptContext) async throws -> Completion {
        do {
            let run = try await begin(work, context)
            guard run.calendar.isSelected else { return try ended(run, .emptied) }
            guard run.calendar.accessRole != "freeBusyReader" else {
                return try ended(run, .lost(UnavailableReason.freeBusyOnly))
            }
            return try await read(run, context)
        } catch CalendarError.notFound {
            return .finished(Self.result(work.calendar, pages: 0, changed: 0, isFull: false))
        } catch CalendarError.superseded {
            throw Failure.syncSuperseded
        } catch let failure as Failure where context.endsJob(failure) {
            // Or the next sweep would begin the same again.
            try await calendars.rest(work.calendar, tenant: context.tenant, seconds: Self.restSeconds)
            throw failure
        }
    }

    /// How long a calendar is let be whose reading was given up.
    private static let restSeconds = 3_600

    // MARK: Reading

    private func begin(_ work: SyncCalendar, _ context: AttemptContext) async throws -> Calendars.SyncRun {
        let isFull = work.isFull ?? false
        if !isFull, let run = try await calendars.peek(work.calendar, tenant: context.tenant) { return run }
        return try await calendars.beginSync(work.calendar, tenant: context.tenant, full: isFull)
    }

    private func read(_ begun: Calendars.SyncRun, _ context: AttemptContext) async throws -> Completion {
        var run = begun
        do {
            return try await readPages(&run, context)
        } catch CalendarFault.tokenOver where !run.isFull {
            context.logger.notice("a sync token is over: reading everything")
            let again = try await calendars.beginSync(run.calendar.id, tenant: context.tenant, full: true)
            return try await read(again, context)
        } catch CalendarFault.tokenOver {
            throw Failure(
                .retry, code: "page_token_refused", message: "The provider refused a page of its own list.")
        } catch CalendarFault.notFound {
            return try ended(run, .lost("not_found"))
        } catch CalendarFault.denied(CalendarFault.scopeMissing) {
            // The calendar is what it was: the account is to be connected again with it.
            throw Failure(calendarList: .denied(reason: CalendarFault.scopeMissing))
        } catch CalendarFault.denied(let reason) {
            return try ended(run, .lost(reason))
        } catch CalendarError.tooManyEvents {
            return try ended(run, .lost(UnavailableReason.tooManyEvents))
        }
    }

    /// - Parameter run: is claimed before the first page that is not the last.
    private func readPages(_ run: inout Calendars.SyncRun, _ context: AttemptContext) async throws -> Completion {
        let account = context.account(run.calendar.connection)
        var paging = Paging()
        var changed = 0
        while true {
            let page = try await page(of: run, paging, account)
            if !page.unreadable.isEmpty {
                context.logger.warning(
                    "events that cannot be read are left out", metadata: ["count": "\(page.unreadable.count)"])
            }
            guard let next = page.nextPageToken else {
                guard let token = page.nextSyncToken else { throw Failure.syncTokenMissing }
                let end = End.read(page.events, token: token, pages: paging.pages + 1, changed: changed)
                return try ended(run, end)
            }
            if !run.isClaimed { run = try await calendars.claim(run) }
            changed += try await calendars.apply(page.events, of: run)
            try paging.turn(to: next)
            await wake(context.tenant)
            try await context.progress(nil, note: "\(changed) events changed so far")
        }
    }

    private func page(
        of run: Calendars.SyncRun, _ paging: Paging, _ account: CalendarCalls.Account
    ) async throws -> GoogleCalendar.EventsPage {
        try await calls.call(account, paging.patience) { client, token throws(CalendarFault) in
            try await client.events(
                of: run.calendar.externalID, syncToken: run.token, pageToken: paging.token, token: token)
        }
    }

    // MARK: Ending

    private enum End: Sendable {
        case read([CalendarEvent], token: String, pages: Int, changed: Int)
        case lost(String)
        /// Nobody wants it mirrored.
        case emptied
    }

    private func ended(_ run: Calendars.SyncRun, _ end: End) throws -> Completion {
        let (next, watched) = (Double(settings.pollSeconds), Double(settings.watchedPollSeconds))
        let effects: Completion.Effects = { transaction in
            do {
                switch end {
                case .read(let events, let token, _, _):
                    _ = try await calendars.finish(
                        events, of: run, token: token, nextInSeconds: next, watchedInSeconds: watched, in: transaction)
                case .lost(let reason): try await calendars.lose(run, reason: reason, in: transaction)
                case .emptied: try await calendars.empty(run, in: transaction)
                }
            } catch CalendarError.superseded {
                throw Failure.syncSuperseded
            } catch CalendarError.notFound {
                throw Failure.syncSuperseded
            }
        }
        // What is watched differs afterwards: the first time, and when it cannot or shall not be read any more.
        var watch: [JobSpecification] = []
        if case .read = end, !run.isFull {} else { watch = [try WatchCalendar(run.calendar.id).specification()] }
        return .finished(
            Self.result(run, end), effects: effects, followUps: watch, topics: [.calendars(of: run.calendar.tenant)])
    }

    private static func result(_ run: Calendars.SyncRun, _ end: End) -> [UInt8] {
        switch end {
        case .read(let events, _, let pages, let changed):
            result(run.calendar.id, pages: pages, changed: changed + events.count, isFull: run.isFull)
        case .lost(let reason):
            result(run.calendar.id, pages: 0, changed: 0, isFull: run.isFull, reason: reason)
        case .emptied: result(run.calendar.id, pages: 0, changed: 0, isFull: run.isFull, reason: "not_selected")
        }
    }

    /// - Parameter changed: events that the provider named, whether or not they differ from what was here.
    private static func result(
        _ calendar: CalendarID, pages: Int, changed: Int, isFull: Bool, reason: String? = nil
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writer.object { object in
            object.field("calendar_id", calendar.description)
            object.field("full", isFull)
            object.field("pages", pages)
            object.field("events", changed)
            if let reason { object.field("reason", reason) }
        }
        return writer.bytes
    }
}
