import Domain
import Jobs
import Postgres
import Providers
import Store

/// What the jobs of calendars stand on, put together.
struct CalendarParts: Sendable {
    let pool: PostgresPool
    let calls: CalendarCalls
    let intake: JobIntake
    let settings: CalendarSettings
    let wake: CalendarWake

    var closing: ChannelClosing {
        ChannelClosing(channels: CalendarChannels(pool: pool), client: calls.client, governor: calls.governor)
    }

    func register(in handlers: inout HandlerCatalog) {
        let calendars = Calendars(pool: pool)
        handlers.register(
            SyncCalendarHandler(calendars: calendars, calls: calls, settings: settings, wake: wake))
        handlers.register(
            ListCalendarsHandler(pool: pool, calendars: calendars, calls: calls, settings: settings))
        handlers.register(
            WatchCalendarHandler(
                calendars: calendars, channels: CalendarChannels(pool: pool), calls: calls, settings: settings))
        handlers.register(WriteEventHandler(calendars: calendars, calls: calls))
        handlers.register(
            SweepCalendarsHandler(
                sweep: CalendarSweep(pool: pool), intake: intake, settings: settings))
    }

    static func registerOff(in handlers: inout HandlerCatalog) {
        handlers.register(ConnectionsOffHandler<SyncCalendar>())
        handlers.register(ConnectionsOffHandler<ListCalendars>())
        handlers.register(ConnectionsOffHandler<WatchCalendar>())
        handlers.register(ConnectionsOffHandler<WriteEvent>())
        handlers.register(ConnectionsOffHandler<SweepCalendars>())
    }
}
