import Crypto
import Foundation

extension CalendarRoutes {
    @Sendable func watchEvents(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        let body = try caller.request.object(.channel)
        let (calendar, entry) = try calendar(caller)
        guard entry.role.canRead else { throw .forbidden }
        guard let id = body["id"]?.text, (1...64).contains(id.utf8.count),
            id.wholeMatch(of: /[A-Za-z0-9\-_+\/=]+/) != nil
        else { throw .invalidValue("Invalid channel id: one of [A-Za-z0-9\\-_\\+/=]+ with at most 64 characters") }
        guard ["web_hook", "webhook"].contains(body["type"]?.text) else {
            throw .invalidValue("Unknown channel type")
        }
        if let token = body["token"]?.text, token.utf8.count > 256 { throw .invalidValue("Channel token too long") }
        let hash = SHA256.hash(data: Data("\(calendar.id)/\(caller.account.name)".utf8))
        let channel = NotificationChannel(
            id: id, token: body["token"]?.text, address: try address(body), calendar: calendar.id,
            account: caller.account.name, clientID: caller.clientID, resourceID: Base64URL.text(hash.prefix(20)),
            expiresAt: try expiry(body))
        try channels.open(channel)
        return CalendarReply(channel.json)
    }

    private func address(_ body: JSONValue) throws(CalendarRefusal) -> String {
        guard let address = body["address"]?.text, let parts = URLComponents(string: address), let host = parts.host
        else { throw .invalidValue("Invalid channel address") }
        let isLoopback = ["127.0.0.1", "localhost", "[::1]", "::1"].contains(host)
        if parts.scheme == "https" || settings.allowsPlainNotifications && isLoopback && parts.scheme == "http" {
            return address
        }
        throw CalendarRefusal(
            status: 400, reason: "push.webhookUrlNotHttps", message: "WebHook callback must be HTTPS: \(address)")
    }

    /// What the client asks for, but no longer than the provider will.
    private func expiry(_ body: JSONValue) throws(CalendarRefusal) -> Date {
        let now = Date()
        let longest = now.addingTimeInterval(settings.channelSeconds)
        let milliseconds = body["expiration"]?.integer ?? body["expiration"]?.text.flatMap { Int($0) }
        let ttl = body["params"]?["ttl"]?.text
        if let ttl, Int(ttl).map({ $0 > 0 }) != true { throw Self.invalidTTL(ttl) }
        let seconds = ttl.flatMap { Int($0) }.map(Double.init)
        guard
            let wanted = milliseconds.map({ Date(timeIntervalSince1970: Double($0) / 1_000) })
                ?? seconds.map(now.addingTimeInterval)
        else { return longest }
        if wanted <= now { throw Self.invalidTTL(String(Int(wanted.timeIntervalSince(now)))) }
        return min(wanted, longest)
    }

    private static func invalidTTL(_ text: String) -> CalendarRefusal {
        CalendarRefusal(status: 400, reason: "pushInvalidTtl", message: "Invalid ttl value for channel \(text)")
    }

    @Sendable func stopChannel(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        let body = try caller.request.object(.channel)
        guard let id = body["id"]?.text else { throw .required("entity.resource.id is required") }
        guard let resource = body["resourceId"]?.text else { throw .required("entity.resource.resourceId is required") }
        try channels.stop(id: id, resourceID: resource, clientID: caller.clientID)
        return .noContent
    }
}
