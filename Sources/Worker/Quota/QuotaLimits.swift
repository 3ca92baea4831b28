import Settings

/// What Google lets through in a minute: https://developers.google.com/workspace/calendar/api/guides/quota
struct QuotaLimits: Sendable {
    /// GOOGLE_CALENDAR_QUOTA_PROJECT: requests of all that use this service's Google Cloud project.
    var project = 10_000
    /// GOOGLE_CALENDAR_QUOTA_USER: requests of one account.
    var user = 600

    init(project: Int = 10_000, user: Int = 600) {
        self.project = project
        self.user = user
    }

    init(from reader: inout SettingsReader) {
        project = reader.int("google.calendar.quota.project", default: project, in: 1...10_000_000)
        user = reader.int("google.calendar.quota.user", default: user, in: 1...1_000_000)
    }

    /// Google counts a minute of arrivals. A request arrives up to five seconds after it was let out, and seconds are
    /// counted as whole ones: what goes out in a window of 66 of them is what any minute can hold.
    static let windowSeconds = 66
    /// How much of the quota is used at all: somebody may look at a calendar by other means.
    private static let share = 0.95
    /// How much of that background requests may fill.
    private static let backgroundShare = 0.8

    /// Within the window.
    static func ceiling(_ perMinute: Int, _ urgency: QuotaGovernor.Urgency) -> Int {
        let share = urgency == .interactive ? share : share * backgroundShare
        return max(1, Int(Double(perMinute) * share))
    }
}
