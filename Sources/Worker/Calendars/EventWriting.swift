import Domain
import FoundationEssentials
import Providers
import Store

/// The steps of one write of an event. Any of them may have been done by an earlier attempt whose answer was lost, so
/// each looks before it acts, or is one that the provider does once only.
struct EventWriting: Sendable {
    let calls: CalendarCalls
    let account: CalendarCalls.Account
    /// As the provider calls the calendar.
    let calendar: String

    /// Changes that are tried on top of somebody else's before the write is given up for the moment.
    private static let maxRounds = 4

    /// A new event's id, by which a repeat is known: base32hex, as
    /// https://developers.google.com/workspace/calendar/api/v3/reference/events#id asks.
    static func eventID(of job: JobID) -> String { "errand" + job.description.filter { $0 != "-" } }

    func create(_ draft: EventDraft, id: String, notice: WriteEvent.Notice) async throws -> CalendarEvent {
        do {
            return try await calls.call(account) { client, token throws(CalendarFault) in
                try await client.insert(draft, id: id, into: calendar, notice: notice, token: token)
            }
        } catch CalendarFault.duplicate {
            let event = try await find(id)
            guard event.status != .cancelled else { throw Failure.eventMissing }
            return event
        }
    }

    /// - Parameter version: that which is meant; `nil`: whatever is there.
    func update(
        _ id: String, to draft: EventDraft, version: String?, notice: WriteEvent.Notice
    ) async throws -> CalendarEvent {
        for _ in 0..<Self.maxRounds {
            let now = try await find(id)
            guard now.status != .cancelled else { throw Failure.eventMissing }
            // Also what an earlier attempt of this job did.
            if draft.isMet(by: now) { return now }
            guard version == nil || version == now.etag else { throw Failure.eventChanged }
            do {
                return try await calls.call(account) { client, token throws(CalendarFault) in
                    try await client.patch(
                        id, of: calendar, to: draft, ifMatch: now.etag, keeping: now, notice: notice, token: token)
                }
            } catch CalendarFault.changed {
                continue
            }
        }
        throw Failure(.retry, code: "event_busy", message: "The event keeps changing at the provider.")
    }

    /// What was deleted before is as good as deleted; of what the provider does not know, nobody can say so.
    func delete(_ id: String, version: String?, notice: WriteEvent.Notice) async throws {
        do {
            try await calls.call(account) { client, token throws(CalendarFault) in
                try await client.delete(id, of: calendar, ifMatch: version, notice: notice, token: token)
            }
        } catch CalendarFault.gone {
        } catch CalendarFault.notFound {
            throw Failure.eventMissing
        } catch CalendarFault.changed {
            // Perhaps by an earlier attempt of this job.
            guard try await find(id).status == .cancelled else { throw Failure.eventChanged }
        }
    }

    private func find(_ id: String) async throws -> CalendarEvent {
        do {
            return try await calls.call(account) { client, token throws(CalendarFault) in
                try await client.event(id, of: calendar, token: token)
            }
        } catch CalendarFault.notFound, CalendarFault.gone {
            throw Failure.eventMissing
        }
    }
}

extension Failure {
    static let eventMissing = Failure(
        .permanent, code: "event_missing", message: "The event is not there any more, or its calendar is not.")
    static let eventChanged = Failure(
        .permanent, code: "event_changed", message: "The event was changed meanwhile: look at it and decide again.")
    static let calendarReadOnly = Failure(
        .permanent, code: "calendar_read_only", message: "The account may not change this calendar.")
    static let calendarMissing = Failure(
        .permanent, code: "calendar_missing", message: "The calendar is not there any more.")
}
