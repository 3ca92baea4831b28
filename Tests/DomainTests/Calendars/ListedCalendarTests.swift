import Domain
import Foundation
import Testing

@Suite struct ListedCalendarTests {
    private func read(_ json: String) throws -> ListedCalendar {
        try JSONDecoder().decode(ListedCalendar.self, from: Data(json.utf8))
    }

    @Test func `an entry of the list is read, under the name that its owner gave it`() throws {
        let calendar = try read(
            #"""
            {"kind": "calendar#calendarListEntry", "etag": "\"1\"", "id": "ada@example.com", "summary": "ada@example.com",
             "summaryOverride": "Ada", "description": "Mine", "timeZone": "Europe/Berlin", "colorId": "14",
             "backgroundColor": "#9fe1e7", "foregroundColor": "#000000", "selected": true, "accessRole": "owner",
             "defaultReminders": [], "primary": true, "conferenceProperties": {}}
            """#)
        #expect(calendar.id == "ada@example.com" && calendar.title == "Ada" && calendar.description == "Mine")
        #expect(calendar.timeZone == "Europe/Berlin" && calendar.color == "#9fe1e7" && calendar.accessRole == "owner")
        #expect(calendar.isPrimary && calendar.isShown && !calendar.isDeleted)
    }

    @Test func `of one that is deleted nothing but its id is sure to be there`() throws {
        let calendar = try read(#"{"id": "x@group.calendar.google.com", "deleted": true, "hidden": true}"#)
        #expect(calendar.isDeleted && !calendar.isShown && !calendar.isPrimary)
        #expect(calendar.title == "x@group.calendar.google.com" && calendar.timeZone == nil)
    }
}
