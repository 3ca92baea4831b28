import Domain
import Foundation
import Store
import TestSupport
import Testing

/// Workers that are killed, or freeze, in the middle of reading a calendar, at each step of it.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SyncKillTests {
    /// Where the first worker dies.
    enum Step: String, CaseIterable, Sendable {
        case beforeItBegins
        case whileTheProviderHoldsTheFirstPage
        case betweenPages
        case whileTheProviderHoldsTheLastPage
        case beforeTheEndIsWritten
    }

    @Test(arguments: Step.allCases, [true, false])
    func `a reading whose worker is killed is done by another`(at step: Step, isFull: Bool) async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 18)
            try await system.control("POST", "pages", #"{"cap":8}"#)
            let first = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            await first.killNow()
            try await system.mutate("ada", count: 20, seed: 7)
            let jobs = try await system.renewals.enqueue(
                [SyncCalendar(calendar.id, isFull: isFull)], tenant: connection.tenant)
            try await kill(at: step, calendar, system)
            let started = ContinuousClock.now
            _ = try await system.startWorker()
            try await system.renewals.wait(for: jobs)
            let seconds = (.now - started) / .seconds(1)
            let truth = try await system.truth("ada")
            #expect(CalendarSystem.differences(truth, try await system.mirror(calendar)) == [])
            let count = try await system.calendars.find(calendar.id, tenant: connection.tenant).eventCount
            #expect(count == truth.count)
            print("killed \(step.rawValue), \(isFull ? "full" : "incremental"): \(truth.count) events, \(seconds) s")
        }
    }

    private func kill(at step: Step, _ calendar: MirroredCalendar, _ system: CalendarSystem) async throws {
        let row = "SELECT 1 FROM calendars WHERE id = '\(calendar.id)' FOR UPDATE"
        switch step {
        case .beforeItBegins:
            try await system.renewals.holding(row) { pid in
                let worker = try await system.startWorker()
                try await system.renewals.waitForBlocked(by: pid)
                await worker.killNow()
            }
        case .whileTheProviderHoldsTheFirstPage:
            try await pause("pause", #""page_token":false"#, system)
        case .betweenPages: try await pause("pause", #""page_token":true"#, system)
        case .whileTheProviderHoldsTheLastPage:
            // Three pages of eight: the second that follows another is the last, or near it.
            try await system.fault("slow:0", #""method":"events.list","page_token":true,"times":1"#)
            try await pause("pause_after", #""page_token":true"#, system)
        case .beforeTheEndIsWritten:
            try await system.control("DELETE", "pages")
            try await system.fault("pause_after", #""method":"events.list","times":1"#)
            let worker = try await system.startWorker()
            _ = try await system.calls("paused=true", atLeast: 1)
            try await system.renewals.holding(row) { pid in
                try await system.control("POST", "resume")
                try await system.renewals.waitForBlocked(by: pid)
                await worker.killNow()
            }
        }
    }

    private func pause(_ kind: String, _ which: String, _ system: CalendarSystem) async throws {
        try await system.fault(kind, #""method":"events.list","times":1,\#(which)"#)
        let worker = try await system.startWorker()
        try #require(try await system.calls("paused=true", atLeast: 1) == 1)
        await worker.killNow()
        try await system.control("POST", "resume")
    }

    @Test(arguments: [true, false])
    func `a worker that froze while another read overwrites nothing`(isFull: Bool) async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 18)
            try await system.control("POST", "pages", #"{"cap":6}"#)
            let first = try await system.startWorker()
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            await first.killNow()
            try await system.mutate("ada", count: 20, seed: 3)
            try await system.fault("pause_after", #""method":"events.list","page_token":true,"times":1"#)
            let zombie = try await system.startWorker()
            let jobs = try await system.renewals.enqueue(
                [SyncCalendar(calendar.id, isFull: isFull)], tenant: connection.tenant)
            try #require(try await system.calls("paused=true", atLeast: 1) == 1)
            zombie.signal(SIGSTOP)
            // What the zombie holds is older than what the other one reads.
            try await system.mutate("ada", count: 20, seed: 4)
            let other = try await system.startWorker()
            try await system.renewals.wait(for: jobs)
            let before = try await system.mirror(calendar)
            try await system.control("POST", "resume")
            zombie.signal(SIGCONT)
            // It notices that nobody believes it any more, and goes on with what there is to do.
            await other.killNow()
            try await system.run([SyncCalendar(calendar.id)], tenant: connection.tenant)
            let truth = try await system.truth("ada")
            #expect(CalendarSystem.differences(truth, before) == [])
            #expect(CalendarSystem.differences(truth, try await system.mirror(calendar)) == [])
        }
    }
}
