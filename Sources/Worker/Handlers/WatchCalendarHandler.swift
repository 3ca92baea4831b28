import Domain
import FoundationEssentials
import Jobs
import Providers
import Store
import Vault

/// Runs `calendar.watch`. A new channel is open before the old one is closed, so that no change is told to neither; for
/// a while both tell of it, which does no harm.
struct WatchCalendarHandler: JobHandler {
    let calendars: Calendars
    let channels: CalendarChannels
    let calls: CalendarCalls
    let settings: CalendarSettings

    func handle(_ work: WatchCalendar, _ context: AttemptContext) async throws -> Completion {
        let calendar: MirroredCalendar
        do {
            calendar = try await calendars.find(work.calendar, tenant: context.tenant)
        } catch CalendarError.notFound {
            return Self.finished(work, "gone")
        }
        let known = try await channels.of(calendar.id, tenant: context.tenant)
        guard let address = settings.notificationsURL, calendar.isSelected, calendar.state == .ready else {
            try await close(known, of: calendar, context)
            return Self.finished(work, "not_watched")
        }
        let now = Date()
        if let good = known.first(where: { $0.state == .open && $0.renewAt.map { $0 > now } == true }) {
            try await close(known.filter { $0.id != good.id }, of: calendar, context)
            return Self.finished(work, "watched", until: good.expiresAt)
        }
        return try await open(calendar, at: address, replacing: known, context)
    }

    // MARK: Opening

    private func open(
        _ calendar: MirroredCalendar, at address: String, replacing known: [CalendarChannel],
        _ context: AttemptContext
    ) async throws -> Completion {
        let work = WatchCalendar(calendar.id)
        let (id, secret) = (ChannelID.make(), RandomSecret.make())
        // A notification may come before the answer does, so what it is known by is written first.
        try await channels.open(id, calendar: calendar.id, tenant: context.tenant, digest: secret.digest)
        let opened: (resourceID: String, expiresAt: Date)
        do {
            opened = try await calls.call(context.account(calendar.connection)) { client, token throws(CalendarFault) in
                try await client.watch(
                    calendar.externalID, channel: id, secret: secret.text, address: address,
                    secondsToLive: settings.channelSeconds, token: token)
            }
        } catch let failure as Failure where failure.kind == .unknownOutcome {
            // Should it be open after all, it tells of changes as well, and ends by itself.
            throw Failure(.retry, code: failure.code, message: failure.message)
        } catch let failure as Failure where failure.kind == .permanent && failure != .connectionMissing {
            return try await refused(work, id, failure.code, context)
        } catch let failure as Failure {
            // It was not opened, or nobody will hear of it.
            try await channels.delete(id, tenant: context.tenant)
            throw failure
        } catch let fault as CalendarFault {
            return try await refused(work, id, Self.outcome(of: fault), context)
        }
        let isWanted = try await channels.opened(
            id, resourceID: opened.resourceID, expiresAt: opened.expiresAt, tenant: context.tenant)
        let needless = try await channels.of(calendar.id, tenant: context.tenant).filter { channel in
            channel.id == id ? !isWanted : known.contains { $0.id == channel.id }
        }
        try await close(needless, of: calendar, context)
        // What changed before the channel was open was told to nobody.
        return Self.finished(
            work, "watched", until: opened.expiresAt,
            followUps: [try SyncCalendar(calendar.id).specification(priority: .low)])
    }

    /// How long a calendar that cannot be watched, such as that of holidays, is only polled, in seconds.
    private static let restSeconds = 86_400

    private func refused(
        _ work: WatchCalendar, _ channel: ChannelID, _ outcome: String, _ context: AttemptContext
    ) async throws -> Completion {
        try await channels.delete(channel, tenant: context.tenant)
        try await channels.rest(work.calendar, tenant: context.tenant, seconds: Self.restSeconds)
        return Self.finished(work, outcome)
    }

    private static func outcome(of fault: CalendarFault) -> String {
        if case .denied(let reason) = fault { reason } else { "not_watchable" }
    }

    // MARK: Closing

    /// One that the provider does not know any more is closed; one that it never named ends by itself.
    private func close(
        _ channels: [CalendarChannel], of calendar: MirroredCalendar, _ context: AttemptContext
    ) async throws {
        for channel in channels {
            if let resource = channel.resourceID {
                do {
                    try await calls.call(context.account(calendar.connection)) { client, token throws(CalendarFault) in
                        try await client.stop(channel: channel.id, resourceID: resource, token: token)
                    }
                } catch is CalendarFault {}
            }
            try await self.channels.delete(channel.id, tenant: context.tenant)
        }
    }

    private static func finished(
        _ work: WatchCalendar, _ outcome: String, until end: Date? = nil, followUps: [JobSpecification] = []
    ) -> Completion {
        var writer = JSONWriter(capacity: 160)
        writer.object { object in
            object.field("calendar_id", work.calendar.description)
            object.field("outcome", outcome)
            object.field("until", end)
        }
        return .finished(writer.bytes, followUps: followUps)
    }
}
