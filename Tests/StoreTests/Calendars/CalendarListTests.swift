import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct CalendarListTests {
    static let mine = ListedCalendar(id: "mine", title: "Mine", timeZone: "Europe/Berlin", isPrimary: true)
    static let team = ListedCalendar(id: "team", title: "Team", color: "#AABBCC", accessRole: "reader")

    private static func gone(_ id: String) -> ListedCalendar {
        ListedCalendar(id: id, title: id, isDeleted: true)
    }

    @Test func `calendars are kept as they are listed, and those that are new are to be read`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            let new = try await people.list([Self.team, Self.mine], of: account)
            let listed = try await people.calendars.list(of: account.tenant)
            #expect(listed.map(\.externalID) == ["mine", "team"] && listed.map(\.id) == new)
            #expect(listed.map(\.timeZone) == ["Europe/Berlin", "UTC"] && listed.map(\.canWrite) == [true, false])
            #expect(listed[1].color == "#aabbcc")
            try await people.sync([.single("a")], of: listed[0])
            var renamed = Self.mine
            renamed.title = "My own"
            renamed.timeZone = nil
            #expect(try await people.list([renamed], of: account, full: false) == [new[1]], "the other is not read yet")
            let again = try await people.found(listed[0])
            #expect(again.title == "My own" && again.timeZone == "Europe/Berlin" && again.state == .ready)
        }
    }

    @Test func `what cannot be stored is cut or left out`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            var odd = ListedCalendar(
                id: "odd", title: String(repeating: "x\0", count: 1_001), timeZone: String(repeating: "z", count: 65),
                color: "red", accessRole: "")
            odd.description = String(repeating: "d", count: 9_000)
            _ = try await people.list([ListedCalendar(id: "", title: ""), odd], of: account)
            let listed = try await people.calendars.list(of: account.tenant)
            #expect(listed.map(\.title) == [String(repeating: "x", count: 1_000)])
            #expect(listed[0].description?.count == 8_200 && listed[0].color == nil && listed[0].timeZone == "UTC")
        }
    }

    @Test func `one that is hidden is not mirrored unless somebody says so`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            var hidden = Self.team
            hidden.isShown = false
            #expect(try await people.list([hidden], of: account).isEmpty)
            #expect(try await people.calendars.list(of: account.tenant).map(\.isSelected) == [false])
        }
    }

    /// By a full reading that has not seen it, or by one of changes that says so.
    @Test(arguments: [true, false])
    func `a calendar that is listed no more loses its events, and comes back empty`(isFull: Bool) async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            let ids = try await people.list([Self.mine, Self.team], of: account)
            let team = try await people.calendars.find(ids[1], tenant: account.tenant)
            try await people.sync([.single("a"), .master("s")], of: team)
            let reading = try await people.begin(team)
            _ = try await people.list(isFull ? [Self.mine] : [Self.gone("team")], of: account, full: isFull)
            let lost = try await people.found(team)
            #expect(lost.state == .unavailable && lost.reason == "not_listed" && lost.version == 4)
            #expect(try await people.calendars.list(of: account.tenant).map(\.externalID) == ["mine"])
            #expect(try await people.events(of: team).isEmpty)
            await #expect(throws: CalendarError.superseded) { try await people.finish([.single("b")], of: reading) }

            let before = try await people.fingerprint(team)
            _ = try await people.list([Self.mine], of: account)
            #expect(try await people.fingerprint(team) == before, "it is gone only once")
            #expect(try await people.list([Self.team], of: account, full: false) == ids)
            #expect(try await people.found(team).state == .pending)
            #expect(try await people.begin(team).isFull)
            #expect(try await people.brokenMirrors().isEmpty)
        }
    }

    @Test func `a calendar that shows no more than when it is busy cannot be read`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            let ids = try await people.list([Self.team], of: account)
            let team = try await people.calendars.find(ids[0], tenant: account.tenant)
            try await people.sync([.single("a")], of: team)
            var busyOnly = Self.team
            busyOnly.accessRole = "freeBusyReader"
            for listed in [[busyOnly], [], [busyOnly]] {
                #expect(try await people.list(listed, of: account).isEmpty)
                let reason = try await people.found(team).reason
                #expect(reason == (listed.isEmpty ? "not_listed" : "free_busy_only"))
            }
            #expect(try await people.events(of: team).isEmpty)
            #expect(try await people.list([Self.team], of: account) == ids)
        }
    }

    @Test func `a reading of a list that was overtaken writes nothing`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            let calendars = people.calendars
            func begin(_ full: Bool) async throws -> Calendars.ListRun {
                try await calendars.beginList(of: account.id, tenant: account.tenant, full: full)
            }
            _ = try await people.list([Self.mine], of: account, token: "first")
            let zombie = try await begin(false)
            #expect(zombie.token == "first")
            let run = try await begin(true)
            for isFinished in [false, true] {
                if isFinished { _ = try await people.finish([Self.mine], of: run, token: "second") }
                await #expect(throws: CalendarError.superseded) { try await calendars.apply([Self.team], of: zombie) }
                await #expect(throws: CalendarError.superseded) { try await people.finish([], of: zombie) }
            }
            await #expect(throws: CalendarError.superseded) { try await people.finish([], of: run) }
            #expect(try await begin(false).token == "second")
            #expect(try await calendars.list(of: account.tenant).map(\.externalID) == ["mine"])
            await #expect(throws: CalendarError.notFound) {
                try await calendars.beginList(of: .make(), tenant: account.tenant, full: false)
            }
        }
    }

    @Test func `a list in pages is as one in one`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            let run = try await people.calendars.beginList(of: account.id, tenant: account.tenant, full: false)
            #expect(run.isFull)
            try await people.calendars.apply([Self.team], of: run)
            try await people.calendars.apply([Self.team], of: run)
            #expect(try await people.finish([Self.mine], of: run).count == 2)
        }
    }

    @Test func `calendars beyond the limit are left out, the primary one last`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            let many = (0..<Calendars.maxPerConnection).map { ListedCalendar(id: "c\($0)", title: "c\($0)") }
            #expect(try await people.list(many + [Self.mine], of: account).count == Calendars.maxPerConnection)
            #expect(try await people.calendars.list(of: account.tenant).first?.externalID == "mine")
            let more = many + [Self.mine, Self.team]
            #expect(try await people.list(more, of: account).count == Calendars.maxPerConnection)
        }
    }

    @Test func `the calendars of a connection go with it`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([.single("a")], of: calendar)
            try await people.channels.open(
                .make(), calendar: calendar.id, tenant: calendar.tenant, digest: [UInt8](repeating: 1, count: 32))
            let (connections, tenant) = (people.connected.connections, calendar.tenant)
            try await people.acting(for: tenant) {
                _ = try await connections.disconnect(calendar.connection, tenant: tenant, in: $0)
                _ = try await connections.delete(calendar.connection, tenant: tenant, in: $0)
            }
            let rows = """
                SELECT (SELECT count(*) FROM calendars) + (SELECT count(*) FROM calendar_events)
                    + (SELECT count(*) FROM calendar_lists) + (SELECT count(*) FROM calendar_channels)
                """
            #expect(try await people.connected.people.count(rows) == 0)
        }
    }
}
