import Hummingbird

/// The simulated Google Calendar: its API, its notifications, and the controls for both.
struct CalendarServer: Sendable {
    let accounts: Accounts
    let world = CalendarWorld()
    let settings: CalendarSettings
    let sender = NotificationSender()
    let quotas = CalendarQuotas()
    let faults = CalendarFaults()
    let log = CalendarCallLog()

    init(accounts: Accounts, allowsPlainNotifications: Bool) {
        self.accounts = accounts
        settings = CalendarSettings(allowsPlainNotifications: allowsPlainNotifications)
    }

    func add(to router: Router<SimulatorContext>) {
        let channels = Channels(sender: sender) { [world, accounts] calendar, name in
            accounts.with { $0.accounts[name] }.map { world.calendar(calendar, of: $0) != nil } ?? false
        }
        let endpoint = CalendarEndpoint(accounts: accounts, quotas: quotas, faults: faults, log: log)
        CalendarRoutes(world: world, endpoint: endpoint, channels: channels, settings: settings).add(to: router)
        CalendarPageRoutes(accounts: accounts, world: world, channels: channels).add(to: router)
        CalendarControlRoutes(
            accounts: accounts, world: world, channels: channels, settings: settings, quotas: quotas, faults: faults,
            log: log
        ).add(to: router)
    }
}
