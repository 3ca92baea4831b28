import Domain
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct CalendarChannelTests {
    static func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
    static let later = Date(timeIntervalSinceNow: 7 * 86_400)

    @Test func `a notification is known by its secret, and by ids that fit`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            let (id, other, tenant) = (ChannelID.make(), ChannelID.make(), calendar.tenant)
            try await people.channels.open(id, calendar: calendar.id, tenant: tenant, digest: Self.digest(1))
            try await people.channels.open(other, calendar: calendar.id, tenant: tenant, digest: Self.digest(2))
            let gateway = CalendarChannels(pool: people.engine.gatewayPool)
            func notified(_ byte: UInt8, _ channel: ChannelID, _ resource: String?) async throws -> CalendarID? {
                let found = try await gateway.notified(
                    digest: Self.digest(byte), channel: channel, resourceID: resource)
                if let found { #expect(found.tenant == tenant) }
                return found?.calendar
            }
            #expect(try await notified(1, id, "early") == calendar.id, "faster than the answer that names it")
            #expect(try await people.channels.opened(id, resourceID: "r", expiresAt: Self.later, tenant: tenant))
            #expect(try await notified(1, id, "r") == calendar.id)
            #expect(try await notified(1, id, nil) == calendar.id)
            #expect(try await notified(1, id, "another") == nil)
            #expect(try await notified(1, other, "r") == nil)
            #expect(try await notified(2, id, "r") == nil)
            #expect(try await notified(3, id, "r") == nil)
            let counted = "SELECT notifications::int FROM calendar_channels WHERE id = '\(id)'"
            #expect(try await people.connected.people.count(counted) == 3)
            #expect(try await people.channels.of(calendar.id, tenant: tenant).last?.notifiedAt != nil)
        }
    }

    @Test func `a channel that is opened for a calendar that is lost meanwhile is to be stopped`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            let (id, tenant) = (ChannelID.make(), calendar.tenant)
            try await people.channels.open(id, calendar: calendar.id, tenant: tenant, digest: Self.digest(1))
            let run = try await people.begin(calendar)
            try await people.acting(for: tenant) {
                try await people.calendars.lose(run, reason: "notFound", in: $0)
            }
            #expect(try await !people.channels.opened(id, resourceID: "r", expiresAt: Self.later, tenant: tenant))
            let channel = try await people.channels.of(calendar.id, tenant: tenant)[0]
            #expect(channel.state == .closing && channel.resourceID == "r")
            try await people.channels.delete(id, tenant: tenant)
            #expect(try await people.channels.of(calendar.id, tenant: tenant).isEmpty)
            await #expect(throws: CalendarError.notFound) {
                try await people.channels.opened(id, resourceID: "r", expiresAt: Self.later, tenant: tenant)
            }
            await #expect(throws: CalendarError.notFound) {
                try await people.channels.open(
                    .make(), calendar: .make(), tenant: tenant, digest: Self.digest(2))
            }
        }
    }

    @Test func `a calendar of which the provider tells is read less often by itself`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            let (id, tenant, calendars) = (ChannelID.make(), calendar.tenant, people.calendars)
            func wait() async throws -> TimeInterval {
                let run = try await people.look(calendar)
                try await people.acting(for: tenant) {
                    _ = try await calendars.finish(
                        [], of: run, token: "t", nextInSeconds: 300, watchedInSeconds: 3_600, in: $0)
                }
                return try await people.found(calendar).nextSyncAt.timeIntervalSinceNow
            }
            #expect(try await wait() < 301)
            try await people.channels.open(id, calendar: calendar.id, tenant: tenant, digest: Self.digest(1))
            #expect(try await wait() < 301, "it may never be open")
            _ = try await people.channels.opened(id, resourceID: "r", expiresAt: Self.later, tenant: tenant)
            #expect(try await wait() > 3_500)
        }
    }
}
