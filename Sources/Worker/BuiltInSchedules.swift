import Domain
import FoundationEssentials
import Jobs
import Logging
import ServiceLifecycle

/// The operators' schedules that there are without anybody setting them. One that was paused stays paused; one that was
/// deleted is back with the next worker.
struct BuiltInSchedules: Service {
    let store: JobStore
    /// Whether accounts elsewhere can be connected.
    let hasConnections: Bool
    let logger: Logger

    /// Every night, at a minute at which few others do something.
    private static let nightly = "17 3 * * *"
    private static let everyMinute = "every 1m"

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await put()
                    logger.debug("built-in schedules are set")
                    break
                } catch {
                    logger.warning("built-in schedules are not set yet", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: .seconds(10))
                }
            }
            // A service that returns ends the others.
            try? await gracefulShutdown()
        }
    }

    func put() async throws {
        try await put("sweep-accounts", Self.nightly, SweepAccounts())
        guard hasConnections else { return }
        try await put("sweep-tokens", Self.everyMinute, SweepTokens())
        try await put("sweep-calendars", Self.everyMinute, SweepCalendars())
    }

    private func put(_ text: String, _ when: String, _ sweep: some Command) async throws {
        guard let name = ScheduleName(text) else { return }
        let rule = try ScheduleRule(when, zone: "UTC")
        _ = try await store.putSchedule(
            name, tenant: .operators, rule: rule.description, timeZone: "UTC",
            specification: SweepOptions.specification(of: sweep), nextAt: rule.nextFiring(after: Date()))
    }
}
