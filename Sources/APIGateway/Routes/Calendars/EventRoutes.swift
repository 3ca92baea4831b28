import Domain
import FoundationEssentials
import Hummingbird
import Store

/// `/api/v1/events` and `/api/v1/free-busy`: what takes place in all calendars that are mirrored, or in some of them.
struct EventRoutes: Sendable {
    let parts: CalendarParts

    static let maxLimit = 2_500
    static let standardLimit = 500
    /// How far ahead the next events are looked for.
    static let nextDays = 31
    static let maxNext = 20
    /// Calendars that a request may name.
    static let maxNamed = 100
    /// What makes busy, in one answer.
    static let maxBusy = 10_000

    func mount(on router: RouterGroup<GatewayContext>) {
        router.get("events", use: list)
        router.get("events/next", use: next)
        router.get("free-busy", use: freeBusy)
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = QueryReader(request: request)
        let span = try CalendarSpan(query)
        let limit = try query.int("limit", default: Self.standardLimit, in: 1...Self.maxLimit)
        let agenda = try await agenda(in: span.range, query, context)
        let found = agenda.entries(in: span.range, zone: span.zone, atMost: limit)
        return OccurrenceAnswer.response(found.entries, isComplete: found.isComplete, zone: span.zone)
    }

    /// What goes on or comes.
    @Sendable func next(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = QueryReader(request: request)
        let zone = try CalendarSpan.zone(query)
        let count = try query.int("count", default: 5, in: 1...Self.maxNext)
        let now = Date()
        let range = now..<now.addingTimeInterval(Double(Self.nextDays * 86_400))
        let agenda = try await agenda(in: range, query, context)
        let found = agenda.entries(in: range, zone: zone, atMost: count)
        return OccurrenceAnswer.response(found.entries, isComplete: found.isComplete, zone: zone)
    }

    @Sendable func freeBusy(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = QueryReader(request: request)
        let span = try CalendarSpan(query)
        let agenda = try await agenda(in: span.range, query, context)
        let found = agenda.entries(in: span.range, zone: span.zone, atMost: Self.maxBusy)
        let busy = BusyTime.intervals(of: found.entries.map(\.occurrence), within: span.range, zone: span.zone)
        // What was not looked at is not free.
        let certain = span.range.lowerBound..<max(span.range.lowerBound, found.certainUntil)
        var writer = JSONWriter(capacity: 80 * (2 * busy.count + 2))
        writer.object { object in
            object.key("busy")
            Self.write(busy, to: &object)
            object.key("free")
            Self.write(certain.isEmpty ? [] : BusyTime.free(within: certain, busy: busy), to: &object)
            object.field("complete", found.isComplete)
        }
        return .json(writer)
    }

    private static func write(_ intervals: [Range<Date>], to writer: inout JSONWriter) {
        writer.array { array in
            for interval in intervals {
                array.object { object in
                    object.field("start", interval.lowerBound)
                    object.field("end", interval.upperBound)
                }
            }
        }
    }

    /// Of the calendars that a request names, or of all; those that are not mirrored, or cannot be read, are left out.
    private func agenda(
        in range: Range<Date>, _ query: QueryReader, _ context: GatewayContext
    ) async throws -> Agenda {
        _ = try parts.connections.orOff()
        let tenant = try context.requireTenant()
        let named = Set(try query.values("calendar_id", { CalendarID($0) }, "must be a calendar's id"))
        guard named.count <= Self.maxNamed else {
            throw Problem.invalid("calendar_id", "must be at most \(Self.maxNamed) calendars; none means all")
        }
        let all = try await parts.calendars.list(of: tenant)
        guard named.isSubset(of: all.map(\.id)) else { throw Problem.notFound("calendar") }
        let read = all.filter { calendar in
            calendar.isSelected && calendar.state != .unavailable && (named.isEmpty || named.contains(calendar.id))
        }
        return try await Agenda(of: read, in: range, tenant: tenant, store: parts.calendars)
    }
}
