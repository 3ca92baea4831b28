import Domain
import Postgres
import Testing

@testable import Store

/// Calendars of connections that are being disconnected.
@Suite struct ForgottenEventsTests {
    @Test func `what is forgotten can be read again, should the account be connected again`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            let listed = [ListedCalendar(id: "one", title: "One"), ListedCalendar(id: "two", title: "Two")]
            let ids = try await people.list(listed, of: account)
            var calendars: [MirroredCalendar] = []
            for id in ids { calendars.append(try await people.calendars.find(id, tenant: account.tenant)) }
            let another = try await people.account(of: account.tenant, named: "another")
            let kept = try await people.list([ListedCalendar(id: "one", title: "One")], of: another)[0]
            let other = try await people.calendars.find(kept, tenant: account.tenant)
            for calendar in calendars + [other] {
                try await people.sync([.single("a"), .single("b"), .single("c")], of: calendar)
                try await people.sync([.tombstone("c")], of: calendar)
            }
            let cursor = try await people.calendars.changes(
                of: ids[0], after: nil, tenant: account.tenant, limit: 10
            ).next
            // One that works keeps what it has.
            try await people.calendars.forgetEvents(of: account.id, tenant: account.tenant)
            #expect(try await people.events(of: calendars[0]).count == 2)
            let zombie = try await people.begin(calendars[0])
            try await people.run("UPDATE connections SET state = 'disconnecting' WHERE id = '\(account.id)'")
            try await people.calendars.forgetEvents(of: account.id, tenant: account.tenant)
            for calendar in calendars {
                #expect(try await people.found(calendar).state == .pending)
                #expect(try await people.events(of: calendar).isEmpty)
            }
            #expect(try await people.events(of: other).count == 2)
            #expect(try await people.brokenMirrors().isEmpty)
            try await OvertakenSyncTests.isRefused(zombie, people)
            await #expect(throws: CalendarError.cursorOver) {
                try await people.calendars.changes(of: ids[0], after: cursor, tenant: account.tenant, limit: 10)
            }
            try await people.run("UPDATE connections SET state = 'active' WHERE id = '\(account.id)'")
            let run = try await people.begin(calendars[0])
            #expect(run.isFull)
            try await people.finish([.single("a"), .single("d")], of: run)
            #expect(try await Set(people.events(of: calendars[0]).keys) == ["a", "d"])
            #expect(try await people.brokenMirrors().isEmpty)
        }
    }
}
