import Synchronization

/// How the simulated provider behaves, apart from faults and quotas.
final class CalendarSettings: Sendable {
    private struct Values: Sendable {
        var tokenSeconds: Double?
        var showsDeletedDetails = true
        var channelSeconds = 604_800.0
    }
    private let values = Mutex(Values())
    let pages = PageSizes()
    /// Whether channels may have plain http addresses on this machine.
    let allowsPlainNotifications: Bool

    init(allowsPlainNotifications: Bool) { self.allowsPlainNotifications = allowsPlainNotifications }

    /// How long sync tokens live; nil: for ever.
    var tokenSeconds: Double? {
        get { values.withLock { $0.tokenSeconds } }
        set { values.withLock { $0.tokenSeconds = newValue } }
    }

    /// Whether deleted events tell more than their ids, sometimes.
    var showsDeletedDetails: Bool {
        get { values.withLock { $0.showsDeletedDetails } }
        set { values.withLock { $0.showsDeletedDetails = newValue } }
    }

    /// The longest life of a channel. A week, as clients report: https://github.com/twentyhq/twenty/issues/23006
    var channelSeconds: Double {
        get { values.withLock { $0.channelSeconds } }
        set { values.withLock { $0.channelSeconds = newValue } }
    }

    func reset() {
        values.withLock { $0 = Values() }
        pages.removeAll()
    }
}
