package import Domain
package import FoundationEssentials

extension GoogleCalendar {
    /// Makes an event. `duplicate` when there is one of this id, which is what a repeat finds.
    /// https://developers.google.com/workspace/calendar/api/v3/reference/events/insert
    /// - Parameter id: 5 to 1,024 of `a` to `v` and `0` to `9`.
    package func insert(
        _ draft: EventDraft, id: String, into calendarID: String, notice: WriteEvent.Notice, token: String
    ) async throws(CalendarFault) -> CalendarEvent {
        var call = GoogleCall(.write, "POST", try events(calendarID), token: token)
        call.query = [("sendUpdates", notice.rawValue), ("fields", Self.eventFields)]
        call.body = EventBody.new(draft, id: id)
        return try await answer(call, as: CalendarEvent.self)
    }

    /// Changes what the draft names. https://developers.google.com/workspace/calendar/api/v3/reference/events/patch
    /// - Parameters:
    ///   - ifMatch: the etag of the version that is meant: `changed` when there is another. `nil`: whatever is there.
    ///   - known: the event as it is. Who is still invited keeps the answer that is known here; without it, whoever the
    ///     draft invites is asked again.
    package func patch(
        _ id: String, of calendarID: String, to draft: EventDraft, ifMatch: String?,
        keeping known: CalendarEvent? = nil, notice: WriteEvent.Notice, token: String
    ) async throws(CalendarFault) -> CalendarEvent {
        var call = GoogleCall(.write, "PATCH", try event(id, of: calendarID), token: token)
        call.query = [("sendUpdates", notice.rawValue), ("fields", Self.eventFields)]
        call.headers = Self.condition(ifMatch)
        call.body = EventBody.change(draft, keeping: known)
        return try await answer(call, as: CalendarEvent.self)
    }

    /// Deletes an event; `gone` when it is deleted already. A series goes with all its occurrences.
    /// https://developers.google.com/workspace/calendar/api/v3/reference/events/delete
    package func delete(
        _ id: String, of calendarID: String, ifMatch: String?, notice: WriteEvent.Notice, token: String
    ) async throws(CalendarFault) {
        var call = GoogleCall(.write, "DELETE", try event(id, of: calendarID), token: token)
        call.query = [("sendUpdates", notice.rawValue)]
        call.headers = Self.condition(ifMatch)
        try await send(call)
    }

    /// https://developers.google.com/workspace/calendar/api/guides/version-resources#conditional_modification
    private static func condition(_ etag: String?) -> [(String, String)] { etag.map { [("If-Match", $0)] } ?? [] }
}

// MARK: Watch channels

extension GoogleCalendar {
    /// Asks to be told of changes to a calendar's events, at `address`, with `secret` as `X-Goog-Channel-Token`:
    /// https://developers.google.com/workspace/calendar/api/guides/push
    ///
    /// `duplicate` when there is a channel of this id. `other`, permanent, with the code `google_watch_unsupported` for
    /// a calendar that has no notifications, such as that of holidays, and `google_webhook_refused` when the address is
    /// not accepted.
    /// - Returns: the watched thing's id, which comes with every notification and ends the channel; and when it ends.
    package func watch(
        _ calendarID: String, channel: ChannelID, secret: String, address: String, secondsToLive: Int, token: String
    ) async throws(CalendarFault) -> (resourceID: String, expiresAt: Date) {
        var call = GoogleCall(.watch, "POST", try events(calendarID) + "/watch", token: token)
        var writer = JSONWriter()
        writer.object { object in
            object.field("id", channel.description)
            object.field("type", "web_hook")
            object.field("address", address)
            object.field("token", secret)
            object.key("params")
            object.object { $0.field("ttl", String(secondsToLive)) }
        }
        call.body = writer.bytes
        let opened = try await answer(call, as: OpenedChannel.self)
        return (opened.resourceId, opened.end ?? now().addingTimeInterval(Double(secondsToLive)))
    }

    /// Ends a channel. One that has ended already is no fault.
    /// https://developers.google.com/workspace/calendar/api/v3/reference/channels/stop
    package func stop(channel: ChannelID, resourceID: String, token: String) async throws(CalendarFault) {
        var call = GoogleCall(.stop, "POST", "channels/stop", token: token)
        var writer = JSONWriter()
        writer.object { object in
            object.field("id", channel.description)
            object.field("resourceId", resourceID)
        }
        call.body = writer.bytes
        do {
            try await send(call)
        } catch .notFound {
            return
        }
    }
}

/// https://developers.google.com/workspace/calendar/api/v3/reference/events/watch#response
private struct OpenedChannel: Decodable {
    var resourceId: String
    /// `nil` when it is not said.
    var end: Date?

    private enum CodingKeys: String, CodingKey { case resourceId, expiration }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        resourceId = try container.decode(String.self, forKey: .resourceId)
        // Milliseconds since 1970, in quotes.
        let milliseconds =
            (try? container.decodeIfPresent(String.self, forKey: .expiration)).flatMap { Double($0) }
            ?? (try? container.decodeIfPresent(Double.self, forKey: .expiration))
        end = milliseconds.map { Date(timeIntervalSince1970: $0 / 1000) }
    }
}
