import Domain
import Foundation
import Jobs
import Postgres
import Store
import TestSupport
import Testing

/// Writing events: each write happens once, or says why it did not.
@Suite(.serialized, .timeLimit(.minutes(10))) struct WriteTests {
    private static let lunch: EventDraft = {
        var draft = EventDraft(
            start: .time(Date(timeIntervalSince1970: 1_900_000_800), zone: "Europe/Berlin"),
            end: .time(Date(timeIntervalSince1970: 1_900_004_400), zone: "Europe/Berlin"), summary: "Lunch")
        draft.location = "Corner table"
        return draft
    }()

    private func titled(_ title: String, _ events: [String: CalendarEvent]) -> [CalendarEvent] {
        events.values.filter { $0.summary == title }
    }

    private func result(of job: JobID, _ system: CalendarSystem) async throws -> CalendarEvent {
        struct Result: Decodable { var event: CalendarEvent }
        let statement = Statement("test.written", "SELECT result FROM jobs WHERE id = $1")
        let row = try await system.system.owner.query(statement, [.uuid(job.uuid)])[0]
        return try JSONDecoder().decode(Result.self, from: Data(try row.json(0))).event
    }

    private func code(of job: JobID, _ system: CalendarSystem) async throws -> String? {
        let statement = Statement("test.code", "SELECT failure->>'code' FROM jobs WHERE id = $1")
        return try await system.system.owner.query(statement, [.uuid(job.uuid)])[0].optionalText(0)
    }

    private func with(
        _ body: @Sendable (CalendarSystem, Connection, MirroredCalendar) async throws -> Void
    ) async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 3)
            _ = try await system.startWorker()
            let connection = try await system.connect("ada")
            try await body(system, connection, try await system.read(connection))
        }
    }

    private func settled(_ system: CalendarSystem, _ calendar: MirroredCalendar) async throws {
        try await system.renewals.until {
            CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)).isEmpty
        }
    }

    @Test func `a new event is made once, whatever becomes of the answer`() async throws {
        try await with { system, connection, calendar in
            for fault in ["", "cut_after", "cut_before", "malformed", "unavailable"] {
                if !fault.isEmpty { try await system.fault(fault, #""method":"events.insert","times":1"#) }
                var draft = Self.lunch
                draft.summary = "Lunch \(fault)"
                let jobs = try await system.run(
                    [WriteEvent(.create, of: nil, in: calendar.id, to: draft)], tenant: connection.tenant)
                let made = titled("Lunch \(fault)", try await system.truth("ada"))
                #expect(made.count == 1 && made[0].location == "Corner table", "\(fault)")
                #expect(try await result(of: jobs[0], system).id == made[0].id)
            }
            try await settled(system, calendar)
        }
    }

    @Test(arguments: ["pause", "pause_after"])
    func `a worker that is killed while it writes leaves one event`(fault: String) async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 3)
            let worker = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            try await system.fault(fault, #""method":"events.insert","times":1"#)
            let jobs = try await system.renewals.enqueue(
                [WriteEvent(.create, of: nil, in: calendar.id, to: Self.lunch)], tenant: connection.tenant)
            try #require(try await system.calls("paused=true", atLeast: 1) == 1)
            await worker.killNow()
            try await system.control("POST", "resume")
            _ = try await system.startWorker()
            try await system.renewals.wait(for: jobs)
            #expect(titled("Lunch", try await system.truth("ada")).count == 1)
        }
    }

    private func made(
        _ system: CalendarSystem, _ connection: Connection, _ calendar: MirroredCalendar
    ) async throws -> CalendarEvent {
        let jobs = try await system.run(
            [WriteEvent(.create, of: nil, in: calendar.id, to: Self.lunch)], tenant: connection.tenant)
        return try await result(of: jobs[0], system)
    }

    @Test func `an event is changed to what was asked for`() async throws {
        try await with { system, connection, calendar in
            for fault in ["", "cut_after", "cut_before", "status:412:conditionNotMet"] {
                let made = try await made(system, connection, calendar)
                if !fault.isEmpty { try await system.fault(fault, #""method":"events.patch","times":1"#) }
                var draft = EventDraft(summary: "Late lunch")
                draft.cleared = ["location"]
                try await system.run(
                    [WriteEvent(.update, of: made.id, in: calendar.id, to: draft)], tenant: connection.tenant)
                let now = try #require(try await system.truth("ada")[made.id])
                #expect(now.summary == "Late lunch" && now.location == nil && now.start == made.start, "\(fault)")
            }
            try await settled(system, calendar)
        }
    }

    @Test func `a change that was meant for another version is refused and changes nothing`() async throws {
        try await with { system, connection, calendar in
            let made = try await made(system, connection, calendar)
            try await system.control(
                "PATCH", "events",
                #"{"account":"ada","calendar":"primary","event":"\#(made.id)","patch":{"summary":"Theirs"}}"#)
            for change in [
                WriteEvent(.update, of: made.id, in: calendar.id, to: EventDraft(summary: "Mine"), ifMatch: made.etag),
                WriteEvent(.delete, of: made.id, in: calendar.id, ifMatch: made.etag),
            ] {
                let jobs = try await system.run([change], tenant: connection.tenant, "failed")
                #expect(try await code(of: jobs[0], system) == "event_changed")
            }
            #expect(try await system.truth("ada")[made.id]?.summary == "Theirs")
        }
    }

    @Test func `an event is deleted once, and what is gone is as good as deleted`() async throws {
        try await with { system, connection, calendar in
            let made = try await made(system, connection, calendar)
            try await system.fault("cut_after", #""method":"events.delete","times":1"#)
            for _ in 0..<2 {
                try await system.run([WriteEvent(.delete, of: made.id, in: calendar.id)], tenant: connection.tenant)
            }
            #expect(try await system.truth("ada")[made.id] == nil)
            let late = try await system.run(
                [WriteEvent(.update, of: made.id, in: calendar.id, to: EventDraft(summary: "Ghost"))],
                tenant: connection.tenant, "failed")
            #expect(try await code(of: late[0], system) == "event_missing")
            // Nobody can say of these that they were deleted.
            let unknown = try await system.run(
                [WriteEvent(.delete, of: "neverthere0", in: calendar.id)], tenant: connection.tenant, "failed")
            #expect(try await code(of: unknown[0], system) == "event_missing")
            try await settled(system, calendar)
        }
    }

    @Test func `a calendar that is only read is not written`() async throws {
        try await with { system, connection, _ in
            try await system.control(
                "POST", "calendars", #"{"account":"ada","id":"feast@group.example","title":"Feasts","role":"reader"}"#)
            try await system.run([ListCalendars(connection.id)], tenant: connection.tenant)
            let feasts = try #require(
                try await system.calendars.list(of: connection.tenant).first { $0.title == "Feasts" })
            let jobs = try await system.run(
                [WriteEvent(.create, of: nil, in: feasts.id, to: Self.lunch)], tenant: connection.tenant, "failed")
            #expect(try await code(of: jobs[0], system) == "calendar_read_only")
        }
    }
}
