import Domain
import Foundation
import Testing

/// Resources as Google gives them.
@Suite struct CalendarEventTests {
    private static let master = """
        {"kind": "calendar#event", "etag": "\\"3397042345342000\\"", "id": "7ck3v1h2q0", "status": "confirmed",
         "htmlLink": "https://www.google.com/calendar/event?eid=N2Nr", "created": "2025-10-29T12:06:12.000Z",
         "updated": "2026-01-05T08:01:02.671Z", "summary": "Stand-up, \\"daily\\"", "description": "Zoom\\n<b>link</b>",
         "location": "Room 4", "colorId": "6",
         "creator": {"email": "ada@example.com", "self": true}, "organizer": {"email": "ada@example.com", "self": true},
         "start": {"dateTime": "2026-01-05T09:00:00+01:00", "timeZone": "Europe/Berlin"},
         "end": {"dateTime": "2026-01-05T09:15:00+01:00", "timeZone": "Europe/Berlin"},
         "endTimeUnspecified": true, "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE"], "transparency": "transparent",
         "visibility": "private", "iCalUID": "7ck3v1h2q0@google.com", "sequence": 2,
         "attendees": [
           {"email": "ada@example.com", "organizer": true, "self": true, "responseStatus": "accepted"},
           {"email": "r@resource.calendar.google.com", "displayName": "Room 4", "resource": true, "optional": true,
            "responseStatus": "needsAction", "additionalGuests": 0}],
         "hangoutLink": "https://meet.google.com/abc", "conferenceData": {"conferenceId": "abc"},
         "reminders": {"useDefault": false, "overrides": [{"method": "popup", "minutes": 10}]},
         "eventType": "default", "guestsCanModify": true}
        """

    @Test func `a master is read with all that is kept of it`() throws {
        let event = try CalendarEvent(json: Self.master)
        #expect(event.id == "7ck3v1h2q0" && event.etag == "\"3397042345342000\"" && event.isMaster)
        #expect(try event.start == moment("2026-01-05T08:00:00Z", zone: "Europe/Berlin"))
        #expect(event.recurrence == ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE"] && event.sequence == 2)
        #expect(event.summary == "Stand-up, \"daily\"" && event.location == "Room 4" && event.color == "6")
        #expect(event.updated == RFC3339.date("2026-01-05T08:01:02.671Z"))
        #expect(event.organizer == .init(email: "ada@example.com", self: true))
        #expect(event.attendees?.map { $0.`self` ?? false } == [true, false])
        #expect(event.attendees?.map { $0.resource ?? false } == [false, true])
        #expect(event.transparency == "transparent" && event.visibility == "private" && event.type == "default")
        #expect(event.conferenceLink == "https://meet.google.com/abc" && event.link?.hasSuffix("eid=N2Nr") == true)
    }

    @Test(arguments: [
        master,
        #"{"id":"a","status":"cancelled"}"#,
        #"{"id":"a_20260101","status":"cancelled","recurringEventId":"a","originalStartTime":{"date":"2026-01-01"}}"#,
        #"{"id":"b","start":{"date":"2026-01-01"},"end":{"date":"2026-01-02"},"attendees":[{"displayName":"x"}]}"#,
        #"{"id":"c","created":"0000-12-29T00:00:00.000Z","updated":"2026-01-05T08:01:02.999Z","recurrence":[]}"#,
    ])
    func `what is written reads back the same`(json: String) throws {
        let event = try CalendarEvent(json: json)
        let written = String(decoding: try JSONEncoder().encode(event), as: UTF8.self)
        let back = try CalendarEvent(json: written)
        #expect(back == event)
        #expect(String(decoding: try JSONEncoder().encode(back), as: UTF8.self).utf8.count == written.utf8.count)
    }

    @Test func `a hole needs no start, and an exception has its place`() throws {
        let hole = try CalendarEvent(
            json: #"""
                {"id": "m_20260107T080000Z", "status": "cancelled", "recurringEventId": "m", "kind": "calendar#event",
                 "originalStartTime": {"dateTime": "2026-01-07T09:00:00+01:00", "timeZone": "Europe/Berlin"}}
                """#)
        #expect(hole.status == .cancelled && hole.series == "m" && !hole.isMaster)
        #expect(hole.originalInstant == RFC3339.date("2026-01-07T08:00:00Z"))
    }

    @Test func `one that is odd is read all the same`() throws {
        let event = try CalendarEvent(
            json: #"""
                {"id": "x", "status": "postponed", "start": {}, "end": {"date": "2026-02-30"}, "created": "yesterday",
                 "originalStartTime": {"dateTime": "soon"}, "recurrence": []}
                """#)
        #expect(event.status == .confirmed && event.start == nil && event.end == nil && event.original == nil)
        #expect(event.created == nil && !event.isMaster)
    }

    @Test func `what has no id is none`() {
        #expect(throws: DecodingError.self) { try CalendarEvent(json: #"{"status": "confirmed"}"#) }
    }
}
