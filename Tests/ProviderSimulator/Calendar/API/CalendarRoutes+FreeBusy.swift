import Domain
import Foundation

extension CalendarRoutes {
    private static let longestSeconds = 90.0 * 86_400

    /// What makes busy in the calendars named:
    /// https://developers.google.com/workspace/calendar/api/v3/reference/freebusy
    @Sendable func queryFreeBusy(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        let body = try caller.request.object(.freeBusy)
        func time(_ name: String) throws(CalendarRefusal) -> Date {
            guard let text = body[name]?.text else { throw .required("Missing \(name).") }
            guard let date = RFC3339.date(text) else { throw .invalidValue("Invalid value for: \(name)") }
            return date
        }
        let (start, end) = (try time("timeMin"), try time("timeMax"))
        guard start < end else { throw .timeRangeEmpty }
        guard end.timeIntervalSince(start) <= Self.longestSeconds else {
            throw CalendarRefusal(
                status: 400, reason: "timeRangeTooLong", message: "The requested time range is too long.",
                domain: "calendar")
        }
        guard let zone = Zones.named(body["timeZone"]?.text ?? "UTC") else { throw .invalidValue("Invalid time zone.") }
        let ids = (body["items"]?.elements ?? []).compactMap { $0["id"]?.text }
        guard ids.count <= 50 else { throw .badRequest("Too many calendars requested.") }
        let calendars = ids.map { id in
            let name = id == "primary" ? caller.account.email : id
            return JSONValue.Member(name: name, value: busy(id, caller, start..<end, zone))
        }
        return CalendarReply(
            .members([
                "kind": "calendar#freeBusy", "timeMin": .string(SimulatedEvent.text(start)),
                "timeMax": .string(SimulatedEvent.text(end)), "calendars": .object(calendars),
            ]))
    }

    private func busy(_ id: String, _ caller: Caller, _ range: Range<Date>, _ zone: ZoneOffsets) -> JSONValue {
        guard let (calendar, _) = world.calendar(id, of: caller.account) else {
            return .members(["errors": [.members(["domain": "global", "reason": "notFound"])], "busy": []])
        }
        let own = calendar.zone
        let spans = calendar.with { $0 }.occurrences(in: range, zone: own).filter(\.isBusy).map { event in
            max(event.start.instant(in: own), range.lowerBound)..<min(event.end.instant(in: own), range.upperBound)
        }
        let merged = spans.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: [Range<Date>]())
        {
            guard let last = $0.last, $1.lowerBound <= last.upperBound else { return $0.append($1) }
            $0[$0.count - 1] = last.lowerBound..<max(last.upperBound, $1.upperBound)
        }
        return .members([
            "busy": .array(
                merged.map { span in
                    .members([
                        "start": .string(EventMoment.text(span.lowerBound, in: zone)),
                        "end": .string(EventMoment.text(span.upperBound, in: zone)),
                    ])
                })
        ])
    }
}

extension SimulatedEvent {
    fileprivate var isBusy: Bool {
        let mine = self["attendees"]?.elements?.first { $0["self"] == .bool(true) }
        return self["transparency"]?.text != "transparent" && mine?["responseStatus"]?.text != "declined"
            && self["eventType"]?.text != "workingLocation"
    }
}

extension CalendarContents {
    /// Everything that takes place in a range, or in part of it, in the order of its start.
    func occurrences(in range: Range<Date>, zone: ZoneOffsets) -> [SimulatedEvent] {
        var found: [SimulatedEvent] = []
        for row in rows where row.stage == .live {
            if row.event.isMaster {
                let taken = Set(exceptions(of: row.id).map(\.id))
                found += SeriesInstances(row.event, zone: zone).originals(overlapping: range)
                    .map { SeriesInstances.instance(of: row.event, at: $0) }.filter { !taken.contains($0.id) }
            } else if row.event.end.instant(in: zone) > range.lowerBound,
                row.event.start.instant(in: zone) < range.upperBound
            {
                found.append(row.event)
            }
        }
        return found.sorted { ($0.start.instant(in: zone), $0.id) < ($1.start.instant(in: zone), $1.id) }
    }
}
