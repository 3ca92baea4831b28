import Domain
import FoundationEssentials
import Jobs
import Providers
import Store
import Vault

/// Runs `calendar.watch`. A new channel is open before the old one is closed, so that no change is told to neither; for a
/// while both tell of it, which does no harm.
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
        let enough = Date().addingTimeInterval(Double(settings.renewalSeconds))
        if let good = known.first(where: { $0.state == .open && $0.expiresAt.map { $0 > enough } == true }) {
            try await close(known.filter { $0.id != good.id }, of: calendar, context)
            try await channels.lookAgain(calendar.id, tenant: context.tenant, at: renewal(of: good.expiresAt))
            return Self.finished(work, "watched", until: good.expiresAt)
        }
        return try await open(calendar, at: address, replacing: known, context)
    }

    private func renewal(of end: Date?) -> Date {
        (end ?? Date()).addingTimeInterval(-Double(settings.renewalSeconds))
    }

    private func account(of calendar: MirroredCalendar, _ context: AttemptContext) -> CalendarCalls.Account {
        CalendarCalls.Account(connection: calendar.connection, tenant: context.tenant, urgency: context.urgency)
    }

    // MARK: Opening

    /// How long a calendar that cannot be watched is left alone.
    private static let unsupportedSeconds = 86_400.0

    private func open(
        _ calendar: MirroredCalendar, at address: String, replacing known: [CalendarChannel],
        _ context: AttemptContext
    ) async throws -> Completion {
        let (id, secret) = (ChannelID.make(), RandomSecret.make())
        // A notification may come before the answer does, so what it is known by is written first.
        try await channels.open(id, calendar: calendar.id, tenant: context.tenant, digest: secret.digest)
        let opened: (resourceID: String, expiresAt: Date)
        do {
            opened = try await calls.call(account(of: calendar, context)) { client, token throws(CalendarFault) in
                try await client.watch(
                    calendar.externalID, channel: id, secret: secret.text, address: address,
                    secondsToLive: settings.channelSeconds, token: token)
            }
        } catch let fault as CalendarFault {
            try await channels.delete(id, tenant: context.tenant)
            return try await refused(calendar, fault, context)
        }
        try await channels.opened(
            id, resourceID: opened.resourceID, expiresAt: opened.expiresAt, tenant: context.tenant)
        try await close(known, of: calendar, context)
        try await channels.lookAgain(calendar.id, tenant: context.tenant, at: renewal(of: opened.expiresAt))
        // What changed before the channel was open was told to nobody.
        return Self.finished(
            WatchCalendar(calendar.id), "watched", until: opened.expiresAt,
            followUps: [try SyncCalendar(calendar.id).specification(priority: .low)])
    }

    /// Some calendars cannot be watched, such as those of holidays; they are polled.
    private func refused(
        _ calendar: MirroredCalendar, _ fault: CalendarFault, _ context: AttemptContext
    ) async throws -> Completion {
        let later = Date().addingTimeInterval(Self.unsupportedSeconds)
        try await channels.lookAgain(calendar.id, tenant: context.tenant, at: later)
        switch fault {
        case .denied(let reason): return Self.finished(WatchCalendar(calendar.id), ReasonName.of(reason))
        default: return Self.finished(WatchCalendar(calendar.id), "not_watchable")
        }
    }

    // MARK: Closing

    /// One that the provider does not know any more is closed; one that it never named ends by itself.
    private func close(
        _ channels: [CalendarChannel], of calendar: MirroredCalendar, _ context: AttemptContext
    ) async throws {
        for channel in channels {
            if let resource = channel.resourceID {
                do {
                    try await calls.call(account(of: calendar, context)) { client, token throws(CalendarFault) in
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
