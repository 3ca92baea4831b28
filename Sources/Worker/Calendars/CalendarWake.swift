import Domain
import Jobs
import Store

/// Wakes whoever waits for a change of a workspace's calendars, in the middle of a reading.
struct CalendarWake: Sendable {
    let signals: JobSignals
    let queue: JobQueue

    func callAsFunction(_ tenant: TenantID) async {
        await signals.announce([], topics: [.calendars(of: tenant)], through: queue.fuse)
    }
}
