import Domain
import Foundation
import Jobs
import Postgres
import Store
import TestSupport
import Testing

/// Reading calendars: what providers do to those who read.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SyncTests {
    @Test func `a calendar is read to its end and then by what changed, one request and one writing transaction`()
        async throws
    {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], calendars: 2, events: 30)
            _ = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            #expect(CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)) == [])
            #expect(try await system.calendars.list(of: connection.tenant).count == 2)
            let before = try await system.calendars.find(calendar.id, tenant: connection.tenant)
            try await system.mutate("ada", count: 1, seed: 11, kinds: ["insert"])
            try await system.control("DELETE", "calls")
            try await noteWrites(system)
            try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant)
            #expect(try await system.system.count("SELECT count(DISTINCT writer) FROM writes") == 1)
            #expect(try await system.calls("method=events.list") == 1)
            #expect(try await system.calls("method=events.list&sync_token=true") == 1)
            let after = try await system.calendars.find(calendar.id, tenant: connection.tenant)
            #expect(after.version == before.version + 1)
            #expect(CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)) == [])
        }
    }

    /// From here on `writes` has a row for each row of the mirror that is written: by which transaction.
    private func noteWrites(_ system: CalendarSystem) async throws {
        try await system.system.owner.script(
            """
            CREATE TABLE writes (writer xid8 NOT NULL);
            CREATE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN
                    INSERT INTO writes VALUES (pg_current_xact_id());
                    RETURN NULL;
                END $$;
            CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON calendars
                FOR EACH ROW EXECUTE FUNCTION note_write();
            CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON calendar_events
                FOR EACH ROW EXECUTE FUNCTION note_write();
            """)
    }

    @Test func `a sync token that is over leads to a full reading that leaves no deleted event`() async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 30)
            _ = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            try await system.mutate("ada", count: 15, seed: 5, kinds: ["delete", "delete_series", "cancel_instance"])
            try await system.control("POST", "expire", #"{"account":"ada"}"#)
            let jobs = try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant)
            #expect(CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)) == [])
            #expect(try await result(of: jobs[0], system).full)
            #expect(try await system.calls("outcome=fullSyncRequired") == 1)
        }
    }

    private struct Result: Decodable {
        var full: Bool
        var reason: String?
    }

    private func result(of job: JobID, _ system: CalendarSystem) async throws -> Result {
        let statement = Statement("test.result", "SELECT result FROM jobs WHERE id = $1")
        let row = try await system.system.owner.query(statement, [.uuid(job.uuid)])[0]
        return try JSONDecoder().decode(Result.self, from: Data(try row.json(0)))
    }

    @Test(arguments: ["not_found", "forbidden", "not_a_calendar_user"])
    func `a calendar that may not be read any more is emptied and says why`(reason: String) async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 10)
            _ = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            try await system.fault(reason, #""method":"events.list","times":1"#)
            try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant)
            let lost = try await system.calendars.find(calendar.id, tenant: connection.tenant)
            #expect(lost.state == .unavailable && lost.reason == reason && lost.eventCount == 0)
            #expect(try await system.mirror(calendar).isEmpty)
            // Somebody asks again when it can be read again.
            try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant)
            #expect(CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)) == [])
        }
    }

    @Test func `calendars come and go with the account's list`() async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada", "bob"], calendars: 2, events: 6)
            _ = try await system.startWorker()
            let connection = try await system.connect("ada")
            _ = try await system.read(connection)
            let other = try #require(try await system.calendars.list(of: connection.tenant).first { !$0.isPrimary })
            try await system.control(
                "POST", "calendars", #"{"account":"ada","id":"choir@group.example","title":"Choir","role":"owner"}"#)
            try await system.control("POST", "unshare", #"{"account":"ada","calendar":"\#(other.externalID)"}"#)
            try await system.run([ListCalendars(connection.id)], tenant: connection.tenant)
            let titles = try await system.calendars.list(of: connection.tenant).map(\.title)
            #expect(titles.contains("Choir") && !titles.contains(other.title))
            #expect(try await system.mirror(other).isEmpty)
        }
    }

    @Test func `without the permission, or the API, it says what to do and does not try for ever`() async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 4)
            _ = try await system.startWorker()
            let narrow = try await system.renewals.connect("google", "ada", scopes: ["openid", "email"])
            let refused = try await system.run([ListCalendars(narrow.id)], tenant: narrow.tenant, "failed")
            #expect(try await code(of: refused[0], system) == "scope_missing")
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            try await system.fault("access_not_configured", #""method":"events.list","times":1"#)
            let off = try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant, "failed")
            #expect(try await code(of: off[0], system) == "google_api_disabled")
            try await system.fault("insufficient_permissions", #""method":"events.list","times":1"#)
            let poor = try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant, "failed")
            #expect(try await code(of: poor[0], system) == "scope_missing")
            // The account has lost nothing, and no sweep begins the same again.
            let kept = try await system.calendars.find(calendar.id, tenant: connection.tenant)
            #expect(kept.state == .ready && kept.eventCount > 0)
            #expect(kept.nextSyncAt.timeIntervalSinceNow > 3_000)
            let rests = "SELECT count(*) FROM calendar_lists WHERE next_sync_at > now() + interval '3000 seconds'"
            #expect(try await system.system.count(rests) == 2)
        }
    }

    @Test func `what could not be read is tried again when its account is connected again`() async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 10)
            _ = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            try await system.fault("forbidden", #""method":"events.list","times":1"#)
            try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant)
            // The list has not changed.
            try await system.run([ListCalendars(connection.id)], tenant: connection.tenant)
            try await system.quiet()
            let lost = try await system.calendars.find(calendar.id, tenant: connection.tenant)
            #expect(lost.state == .unavailable)
            try await system.run([ListCalendars(connection.id, isFull: true)], tenant: connection.tenant)
            try await system.quiet()
            #expect(CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)) == [])
        }
    }

    @Test func `a calendar that grows too large while changes are read is unavailable`() async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 10)
            _ = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            try await system.system.owner.script("UPDATE calendars SET event_count = 99999")
            try await system.control("POST", "pages", #"{"cap":3}"#)
            try await system.mutate("ada", count: 12, seed: 8, kinds: ["insert"])
            try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant)
            let lost = try await system.calendars.find(calendar.id, tenant: connection.tenant)
            #expect(lost.state == .unavailable && lost.reason == "too_many_events")
        }
    }

    @Test func `an account that two workspaces have connected has one quota`() async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 4)
            try await system.control("POST", "quotas", #"{"project":1000,"user":20,"window_seconds":60}"#)
            let quota = ["GOOGLE_CALENDAR_QUOTA_PROJECT": "1000", "GOOGLE_CALENDAR_QUOTA_USER": "20"]
            _ = try await system.startWorker(CalendarSystem.calm.merging(quota) { $1 })
            var jobs: [JobID] = []
            for connection in [try await system.connect("ada"), try await system.connect("ada")] {
                let calendar = try await system.read(connection)
                let syncs = [SyncCalendar](repeating: SyncCalendar(calendar.id), count: 9)
                jobs += try await system.renewals.enqueue(syncs, tenant: connection.tenant, isUnique: false)
            }
            // Each alone would have room, both have not.
            let waiting = "SELECT count(*) FROM jobs WHERE state = 'scheduled' AND failure->>'code' = 'quota_wait'"
            try await system.renewals.until { try await system.system.count(waiting) > 0 }
            #expect(try await system.renewals.states(jobs).contains("succeeded"))
            let counts = String(decoding: try await system.control("GET", "counts"), as: UTF8.self)
            #expect(counts.contains("events.list") && !counts.lowercased().contains("ratelimit"), "\(counts)")
        }
    }

    private func code(of job: JobID, _ system: CalendarSystem) async throws -> String? {
        let statement = Statement("test.code", "SELECT failure->>'code' FROM jobs WHERE id = $1")
        return try await system.system.owner.query(statement, [.uuid(job.uuid)])[0].optionalText(0)
    }

    @Test func `an access token that is refused is renewed and the reading goes on`() async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 6)
            _ = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            try await system.renewals.control("POST", "expire", #"{"kind":"access","account":"ada"}"#)
            try await system.mutate("ada", count: 3, seed: 2)
            try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant)
            #expect(CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)) == [])
            #expect(try await system.renewals.renewalCalls().count == 1)
        }
    }

    @Test func `a reading waits for a person who has to connect again and goes on by itself`() async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 6)
            _ = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            try await system.renewals.control("POST", "revoke", #"{"account":"ada","provider":"google"}"#)
            let jobs = try await system.renewals.enqueue([SyncCalendar(calendar.id)], tenant: connection.tenant)
            try await system.renewals.wait(for: jobs, "waiting")
            try await system.mutate("ada", count: 3, seed: 2)
            #expect(try await system.connect("ada", tenant: connection.tenant).id == connection.id)
            #expect(try await system.system.operate("sweep", "tokens").status == 0)
            try await system.renewals.wait(for: jobs)
            #expect(CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)) == [])
        }
    }

    @Test func `a calendar that nobody wants is emptied, and read again when somebody does`() async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 6)
            _ = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            for isSelected in [false, true] {
                try await system.renewals.pool.transaction(settings: RowAccess.tenant(connection.tenant)) {
                    _ = try await system.calendars.select(calendar.id, isSelected, tenant: connection.tenant, in: $0)
                }
                try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant)
                let truth = isSelected ? try await system.truth("ada") : [:]
                #expect(CalendarSystem.differences(truth, try await system.mirror(calendar)) == [])
            }
        }
    }
}
