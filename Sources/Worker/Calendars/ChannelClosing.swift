import Domain
import Providers
import Store

/// Closes the watch channels of a connection that is to end, as far as the provider answers in time.
struct ChannelClosing: Sendable {
    let channels: CalendarChannels
    let client: GoogleCalendar
    let governor: QuotaGovernor

    /// For all of them together: they end by themselves within days.
    private static let patience = Duration.seconds(15)
    private static let atOnce = 8

    /// - Parameter opened: with the access token, which may be over already.
    func close(of opened: Connections.Opened) async {
        let connection = opened.connection
        guard connection.provider == GoogleOAuth.name, let token = opened.accessToken,
            let known = try? await channels.of(connection: connection.id, tenant: connection.tenant)
        else { return }
        let (user, deadline) = (QuotaUser(accountID: connection.accountID), ContinuousClock.now + Self.patience)
        await withTaskGroup(of: Void.self) { group in
            for (place, channel) in known.enumerated() {
                if place >= Self.atOnce { await group.next() }
                guard let resource = channel.resourceID, .now < deadline else { continue }
                group.addTask {
                    // Whatever the provider says: what it does not close now, ends.
                    guard await isAdmitted(user, before: deadline) else { return }
                    _ = try? await client.stop(channel: channel.id, resourceID: resource, token: token)
                    // Should the account stay after all, it gets another one.
                    try? await channels.delete(channel.id, tenant: connection.tenant)
                }
            }
        }
    }

    private func isAdmitted(_ user: QuotaUser, before deadline: ContinuousClock.Instant) async -> Bool {
        while case .after(let seconds) = await governor.admit(user: user, as: .interactive) {
            let wait = Duration.seconds(seconds)
            guard .now + wait < deadline, (try? await Task.sleep(for: wait)) != nil else { return false }
        }
        return true
    }
}
