import Domain
import Jobs
import Providers
import Store

/// Runs `calendar.write`. The mirror is left alone: what the provider then has, the sync that follows brings.
struct WriteEventHandler: JobHandler {
    let calendars: Calendars
    let calls: CalendarCalls

    func handle(_ work: WriteEvent, _ context: AttemptContext) async throws -> Completion {
        let calendar: MirroredCalendar
        do {
            calendar = try await calendars.find(work.calendar, tenant: context.tenant)
        } catch CalendarError.notFound {
            throw Failure.calendarMissing
        }
        guard calendar.canWrite else { throw Failure.calendarReadOnly }
        var account = context.account(calendar.connection)
        account.urgency = .interactive
        let writing = EventWriting(calls: calls, account: account, calendar: calendar.externalID)
        return try await write(work, writing, context)
    }

    private func write(
        _ work: WriteEvent, _ writing: EventWriting, _ context: AttemptContext
    ) async throws -> Completion {
        do {
            switch (work.change, work.event, work.draft) {
            case (.create, _, let draft?):
                let id = EventWriting.eventID(of: context.job.id)
                let event = try await writing.create(draft, id: id, notice: work.notice)
                return try Self.finished(work, id, event, .eventCreated, context)
            case (.update, let id?, let draft?):
                let event = try await writing.update(id, to: draft, version: work.ifMatch, notice: work.notice)
                return try Self.finished(work, id, event, .eventChanged, context)
            case (.delete, let id?, _):
                try await writing.delete(id, version: work.ifMatch, notice: work.notice)
                return try Self.finished(work, id, nil, .eventDeleted, context)
            default: throw Failure(.permanent, code: "invalid_payload", message: "The job does not say what to write.")
            }
        } catch let failure as Failure where failure.kind == .unknownOutcome {
            // The next attempt looks before it writes.
            throw Failure(.retry, code: failure.code, message: failure.message)
        } catch CalendarFault.denied(let reason) {
            throw Failure(
                .permanent, code: FailureCode.of(reason), message: "The provider does not let this account do that.")
        } catch CalendarFault.notFound {
            throw Failure.calendarMissing
        } catch is CalendarFault {
            throw Failure(.permanent, code: "event_refused", message: "The provider refused the event.")
        }
    }

    private static func finished(
        _ work: WriteEvent, _ id: String, _ event: CalendarEvent?, _ action: AuditAction, _ context: AttemptContext
    ) throws -> Completion {
        let tenant = context.tenant
        let encoded = try event?.json()
        var writer = JSONWriter(capacity: 256 + (encoded?.count ?? 0))
        writer.object { object in
            object.field("calendar_id", work.calendar.description)
            object.field("event_id", id)
            object.field("event", json: encoded)
        }
        let entry = AuditLog.Entry(action, tenant: tenant, subject: "event:\(work.calendar):\(id)") {
            $0.field("job_id", context.job.id.description)
        }
        return .finished(
            writer.bytes,
            effects: { transaction in
                try await AuditLog.record(entry, by: .connections(of: tenant), in: transaction)
            },
            followUps: [try SyncCalendar(work.calendar).specification(priority: .urgent)])
    }
}
