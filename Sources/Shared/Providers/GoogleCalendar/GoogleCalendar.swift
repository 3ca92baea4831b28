package import Domain
package import FoundationEssentials
package import HTTPTransport

/// The Google Calendar API: https://developers.google.com/workspace/calendar/api/v3/reference
///
/// Reads may be repeated. A write whose answer was lost is `.other` with `unknownOutcome`.
package struct GoogleCalendar: Sendable {
    private let transport: HTTPTransport
    private let base: String
    let now: @Sendable () -> Date

    /// - Parameters:
    ///   - baseURL: stands for `https://www.googleapis.com`, which `nil` is; a final slash is ignored.
    ///   - now: the clock for `retry-after` dates, and for a channel that does not say when it ends.
    package init(
        transport: HTTPTransport, baseURL: String?, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.transport = transport
        let origin = baseURL ?? "https://www.googleapis.com"
        base = (origin.last == "/" ? String(origin.dropLast()) : origin) + "/calendar/v3/"
        self.now = now
    }

    /// A page of what changed in a calendar, or of all of it.
    package struct EventsPage: Sendable, Equatable {
        package var events: [CalendarEvent]
        /// The ids of those that could not be read, and are left out; `?` when even that could not.
        package var unreadable: [String]
        /// `nil` on the last page.
        package var nextPageToken: String?
        /// On the last page, and there always.
        package var nextSyncToken: String?
        /// The calendar's. IANA.
        package var timeZone: String?
    }

    /// A page of an account's list of calendars.
    package struct CalendarsPage: Sendable, Equatable {
        package var calendars: [ListedCalendar]
        /// See `EventsPage`.
        package var unreadable: [String]
        package var nextPageToken: String?
        package var nextSyncToken: String?
    }

    /// A page of a calendar's events: those that changed since `syncToken` was given, or all. Masters and exceptions
    /// come as they are: https://developers.google.com/workspace/calendar/api/v3/reference/events/list
    /// - Parameter pageToken: of the page before; `syncToken` has to be as it was for that one.
    package func events(
        of calendarID: String, syncToken: String?, pageToken: String?, token: String
    ) async throws(CalendarFault) -> EventsPage {
        var call = GoogleCall(
            .list(carriesToken: syncToken != nil || pageToken != nil), "GET", try events(calendarID), token: token)
        // Everything but the tokens has to be the same in every request, or what a sync token means is not defined.
        call.query = [
            ("maxResults", "2500"), ("singleEvents", "false"), ("prettyPrint", "false"),
            ("fields", "nextPageToken,nextSyncToken,timeZone,items(\(Self.eventFields))"),
            ("syncToken", syncToken), ("pageToken", pageToken),
        ]
        let answer = try await list(of: CalendarEvent.self, call)
        return EventsPage(
            events: answer.values, unreadable: answer.unreadable, nextPageToken: answer.nextPageToken,
            nextSyncToken: answer.nextSyncToken, timeZone: answer.timeZone)
    }

    /// A page of the account's calendars, those that it hides included: what changed since `syncToken` was given has
    /// them in any case. https://developers.google.com/workspace/calendar/api/v3/reference/calendarList/list
    package func calendars(
        syncToken: String?, pageToken: String?, token: String
    ) async throws(CalendarFault) -> CalendarsPage {
        var call = GoogleCall(
            .list(carriesToken: syncToken != nil || pageToken != nil), "GET", "users/me/calendarList", token: token)
        call.query = [
            ("maxResults", "250"), ("showHidden", "true"), ("prettyPrint", "false"),
            ("fields", "nextPageToken,nextSyncToken,items(\(Self.calendarFields))"),
            ("syncToken", syncToken), ("pageToken", pageToken),
        ]
        let answer = try await list(of: ListedCalendar.self, call)
        return CalendarsPage(
            calendars: answer.values, unreadable: answer.unreadable, nextPageToken: answer.nextPageToken,
            nextSyncToken: answer.nextSyncToken)
    }

    /// One event; a deleted one may come as `cancelled`.
    package func event(
        _ id: String, of calendarID: String, token: String
    ) async throws(CalendarFault) -> CalendarEvent {
        var call = GoogleCall(.read, "GET", try event(id, of: calendarID), token: token)
        call.query = [("fields", Self.eventFields)]
        return try await self.answer(call, as: CalendarEvent.self)
    }

    /// What `CalendarEvent` keeps: https://developers.google.com/workspace/calendar/api/guides/performance#partial
    static let eventFields =
        "id,etag,status,start,end,summary,description,location,recurrence,recurringEventId,originalStartTime,iCalUID,"
        + "sequence,created,updated,transparency,visibility,eventType,colorId,htmlLink,hangoutLink,"
        + "organizer(email,displayName,self),"
        + "attendees(email,displayName,responseStatus,optional,organizer,resource,self,comment,additionalGuests)"

    /// What `ListedCalendar` keeps.
    private static let calendarFields =
        "id,deleted,summary,summaryOverride,description,timeZone,backgroundColor,accessRole,primary,hidden"
}

extension GoogleCalendar {
    // MARK: Paths

    func events(_ calendarID: String) throws(CalendarFault) -> String {
        "calendars/\(try Self.segment(calendarID))/events"
    }

    func event(_ id: String, of calendarID: String) throws(CalendarFault) -> String {
        "\(try events(calendarID))/\(try Self.segment(id))"
    }

    /// An id as a part of a path. One that would make it another path, such as `..`, is nobody's.
    private static func segment(_ id: String) throws(CalendarFault) -> String {
        guard !id.isEmpty, id != ".", id != ".." else { throw .notFound }
        return FormText.escape(id)
    }

    // MARK: Exchanges

    func answer<Value: Decodable>(_ call: GoogleCall, as type: Value.Type) async throws(CalendarFault) -> Value {
        let bytes = try await send(call)
        guard let value = try? JSONDecoder().decode(type, from: Data(bytes)) else {
            throw .other(call.unknownOutcome ?? .protocolViolation)
        }
        return value
    }

    /// The answer's body.
    @discardableResult
    func send(_ call: GoogleCall) async throws(CalendarFault) -> [UInt8] {
        let response = try await head(of: call)
        guard (200..<300).contains(response.status) else {
            // What an error says is worth little waiting.
            let body = await response.body.beginning(upTo: 64 * 1024, within: .seconds(2))
            let rejection = GoogleRejection(
                status: response.status, error: GoogleError(body: body),
                advice: RetryAdvice(headers: response.headers, now: now()))
            throw rejection.fault(of: call)
        }
        do {
            return try await response.body.collect(upTo: call.maxAnswerBytes)
        } catch let error as HTTPTransportError {
            throw .other(call.failure(error, hasAnswer: true))
        } catch {
            throw .other(call.failure(.cancelled, hasAnswer: true))
        }
    }

    private func head(of call: GoogleCall) async throws(CalendarFault) -> HTTPResponse {
        do {
            return try await transport.send(call.request(base: base))
        } catch let error as HTTPTransportError {
            throw .other(call.failure(error, hasAnswer: false))
        } catch {
            throw .other(call.failure(.cancelled, hasAnswer: false))
        }
    }

    /// A page without either token would be a last one that nobody can go on from; and a JSON of somebody else's, taken
    /// for an empty list, would empty the calendar.
    private func list<Value: Decodable & Sendable>(
        of type: Value.Type, _ call: GoogleCall
    ) async throws(CalendarFault) -> ListAnswer<Value> {
        let answer = try await answer(call, as: ListAnswer<Value>.self)
        guard answer.nextPageToken != nil || answer.nextSyncToken != nil else { throw .other(.protocolViolation) }
        return answer
    }
}

/// A page of a list. What cannot be read does not spoil the rest.
private struct ListAnswer<Value: Decodable & Sendable>: Decodable, Sendable {
    var values: [Value]
    var unreadable: [String]
    var nextPageToken: String?
    var nextSyncToken: String?
    var timeZone: String?

    private enum CodingKeys: String, CodingKey { case items, nextPageToken, nextSyncToken, timeZone }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        // Without `items` the page is empty.
        let items = try container.decodeIfPresent([Lenient<Value>].self, forKey: .items) ?? []
        values = items.compactMap(\.value)
        unreadable = items.filter { $0.value == nil }.map { $0.id ?? "?" }
        nextPageToken = try container.decodeIfPresent(String.self, forKey: .nextPageToken)
        nextSyncToken = try container.decodeIfPresent(String.self, forKey: .nextSyncToken)
        timeZone = try container.decodeIfPresent(String.self, forKey: .timeZone)
    }
}
