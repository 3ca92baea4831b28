import Settings

/// How calendars are kept up to date.
struct CalendarSettings: Sendable {
    /// CALENDAR_POLL_SECONDS: how often a calendar is read of which the provider tells nothing.
    var pollSeconds = 300
    /// CALENDAR_WATCHED_POLL_SECONDS: how often one is read all the same of which it tells.
    var watchedPollSeconds = 3_600
    /// CALENDAR_LIST_POLL_SECONDS: how often an account's list of calendars is read.
    var listPollSeconds = 900
    /// CALENDAR_CHANNEL_SECONDS: how long a watch channel is asked for. The provider may give less.
    var channelSeconds = 604_800
    /// Where the provider sends notifications. `nil`: nowhere, calendars are polled.
    var notificationsURL: String?

    static let path = "/api/v1/webhooks/google/calendar"

    init() {}

    init(from reader: inout SettingsReader) {
        pollSeconds = reader.int("calendar.poll.seconds", default: pollSeconds, in: 5...86_400)
        watchedPollSeconds = reader.int("calendar.watched.poll.seconds", default: watchedPollSeconds, in: 5...604_800)
        listPollSeconds = reader.int("calendar.list.poll.seconds", default: listPollSeconds, in: 5...604_800)
        channelSeconds = reader.int("calendar.channel.seconds", default: channelSeconds, in: 600...2_592_000)
        notificationsURL = Self.notificationsURL(&reader)
    }

    /// CALENDAR_NOTIFICATIONS_URL; else the gateway's own below PUBLIC_URL. A provider only calls addresses with TLS:
    /// https://developers.google.com/workspace/calendar/api/guides/push#receiving-notifications
    private static func notificationsURL(_ reader: inout SettingsReader) -> String? {
        let key = "calendar.notifications.url"
        guard let text = reader.optionalText(key) else {
            guard let own = reader.optionalText("public.url"), own.hasPrefix("https://") else { return nil }
            return (own.hasSuffix("/") ? String(own.dropLast()) : own) + path
        }
        if text == "off" { return nil }
        guard text.wholeMatch(of: /https?:\/\/[^\s#?"<>]+/) != nil else {
            let example = "https://errand.example.org\(path)"
            reader.report(key, "must be off, or an address that the provider reaches, such as \(example)")
            return nil
        }
        return text
    }
}
