import Foundation
import Hummingbird

extension CalendarControlRoutes {
    func addBehaviour(to group: RouterGroup<SimulatorContext>) {
        group.post("expire") { request, _ in try await change(request, expire) }
        group.post("settings") { request, _ in try await change(request, set) }
        group.post("pages") { request, _ in try await change(request, setPages) }
        group.delete("pages") { _, _ in
            settings.pages.removeAll()
            return HTTPResponse.Status.noContent
        }
        group.post("quotas") { request, _ in try await change(request, setQuotas) }
        group.get("quotas") { _, _ in ChatRoutes.json(quotas.json.rendered) }
        group.post("notifications") { request, _ in try await change(request, setWeather) }
        group.get("notifications") { _, _ in ChatRoutes.json(notifications.rendered) }
        group.post("channels/expire") { request, _ in
            try await change(request) { body in
                let count = channels.expire(account: body["account"]?.text, calendar: body["calendar"]?.text)
                return .members(["ended": .integer(count)])
            }
        }
        group.post("faults") { request, _ in try await change(request, addFault) }
        group.delete("faults") { _, _ in
            faults.removeAll()
            return HTTPResponse.Status.noContent
        }
        group.post("resume") { _, _ in
            faults.resume()
            return HTTPResponse.Status.noContent
        }
    }

    private func expire(_ body: JSONValue) throws -> JSONValue {
        let people =
            body["account"] == nil
            ? accounts.with { ledger in ledger.accountNames.compactMap { ledger.accounts[$0] } }
            : [try account(body["account"]?.text)]
        var count = 0
        for account in people {
            let id = body["calendar"]?.text.map { $0 == "primary" ? account.email : $0 }
            for entry in world.list(of: account).entries where !entry.isDeleted && (id ?? entry.id) == entry.id {
                guard let (calendar, _) = world.calendar(entry.id, of: account) else { continue }
                calendar.with { $0.epoch += 1 }
                count += 1
            }
            if body["list"] == .bool(true) { world.with(account) { list, _ in list.epoch += 1 } }
        }
        return .members(["calendars": .integer(count)])
    }

    private func set(_ body: JSONValue) throws -> JSONValue {
        if let seconds = body["sync_token_seconds"] { settings.tokenSeconds = seconds.double }
        if case .bool(let shows)? = body["deleted_details"] { settings.showsDeletedDetails = shows }
        if let seconds = body["channel_seconds"]?.double { settings.channelSeconds = seconds }
        return .object([])
    }

    private func setPages(_ body: JSONValue) throws -> JSONValue {
        var rule = PageSizes.Rule(account: body["account"]?.text, cap: body["cap"]?.integer)
        rule.isRandom = body["random"] == .bool(true)
        rule.empty = body["empty"]?.double ?? 0
        guard rule.empty < 1, (rule.cap ?? 1) >= 1 else { throw APIError.unreadable("empty") }
        settings.pages.add(rule, seed: body["seed"]?.integer)
        return .object([])
    }

    private func setQuotas(_ body: JSONValue) throws -> JSONValue {
        var limits = quotas.limits
        if let project = body["project"] { limits.project = project.integer }
        if let user = body["user"] { limits.user = user.integer }
        if let seconds = body["window_seconds"]?.double { limits.windowSeconds = seconds }
        if let status = body["status"]?.integer { limits.status = status }
        guard [403, 429].contains(limits.status) else { throw APIError.unreadable("status") }
        quotas.set(limits)
        quotas.forget()
        return quotas.json
    }

    private func setWeather(_ body: JSONValue) throws -> JSONValue {
        let weather = NotificationSender.Weather(
            loss: body["loss"]?.double ?? 0, duplication: body["duplication"]?.double ?? 0,
            maxDelayMilliseconds: body["delay_ms"]?.integer ?? 0)
        channels.sender.set(weather, seed: body["seed"]?.integer)
        return notifications
    }

    private var notifications: JSONValue {
        let counts = channels.sender.counts
        return .members([
            "due": .integer(counts.due), "lost": .integer(counts.lost), "sent": .integer(counts.sent),
            "duplicated": .integer(counts.duplicated), "accepted": .integer(counts.accepted),
            "failed": .integer(counts.failed), "waiting": .integer(counts.waiting),
        ])
    }

    private func addFault(_ body: JSONValue) throws -> JSONValue {
        let kind = try text("kind", body)
        guard let fault = CalendarFault(kind) else { throw APIError.unreadable("kind") }
        var rule = CalendarFaults.Rule(fault: fault)
        rule.account = body["account"]?.text
        rule.calendar = body["calendar"]?.text
        if rule.calendar == "primary" { rule.calendar = try account(rule.account).email }
        if let name = body["method"]?.text {
            guard let method = CalendarMethod(rawValue: name) else { throw APIError.unreadable("method") }
            rule.method = method
        }
        if case .bool(let has)? = body["sync_token"] { rule.hasSyncToken = has }
        if case .bool(let has)? = body["page_token"] { rule.hasPageToken = has }
        rule.retryAfter = body["retry_after"]?.text
        rule.left = body["times"]?.integer
        rule.probability = body["probability"]?.double ?? 1
        faults.add(rule, seed: body["seed"]?.integer)
        return .members(["kind": .string(kind)])
    }
}
