import Foundation

/// A place that is told when a calendar's events change.
/// https://developers.google.com/workspace/calendar/api/guides/push
struct NotificationChannel: Sendable {
    let id: String
    let token: String?
    let address: String
    let calendar: String
    let account: String
    let clientID: String
    let resourceID: String
    let expiresAt: Date
    /// Of the last message.
    var number = 0
    var isStopped = false

    func isOpen(at now: Date) -> Bool { !isStopped && now < expiresAt }

    var resourceURI: String {
        let allowed = CharacterSet.alphanumerics.union(.init(charactersIn: "-._~"))
        let name = calendar.addingPercentEncoding(withAllowedCharacters: allowed) ?? calendar
        return "https://www.googleapis.com/calendar/v3/calendars/\(name)/events?alt=json"
    }

    /// A `Channel` resource.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "kind", value: "api#channel"), .init(name: "id", value: .string(id)),
            .init(name: "resourceId", value: .string(resourceID)),
            .init(name: "resourceUri", value: .string(resourceURI)),
        ]
        if let token { members.append(.init(name: "token", value: .string(token))) }
        let milliseconds = Int(expiresAt.timeIntervalSince1970 * 1_000)
        members.append(.init(name: "expiration", value: .string(String(milliseconds))))
        return .object(members)
    }

    /// - Parameter state: `sync` or `exists`.
    func headers(state: String) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = [
            ("Accept", "*/*"), ("Content-Type", "application/json; utf-8"), ("X-Goog-Channel-ID", id),
            ("X-Goog-Message-Number", String(number)), ("X-Goog-Resource-ID", resourceID),
            ("X-Goog-Resource-State", state), ("X-Goog-Resource-URI", resourceURI),
            ("X-Goog-Channel-Expiration", Self.dateText(expiresAt)),
        ]
        if let token { headers.append(("X-Goog-Channel-Token", token)) }
        return headers
    }

    /// Such as `Tue, 19 Nov 2013 01:13:52 GMT`.
    static func dateText(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }
}
