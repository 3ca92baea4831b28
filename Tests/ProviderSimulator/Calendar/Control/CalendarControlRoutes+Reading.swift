import Foundation
import Hummingbird

extension CalendarControlRoutes {
    func addReading(to group: RouterGroup<SimulatorContext>) {
        group.get("truth") { request, _ in try read { try truth(FormBody(request.uri.query ?? "")) } }
        group.get("calls", use: listCalls)
        group.delete("calls") { _, _ in
            log.removeAll()
            return HTTPResponse.Status.noContent
        }
        group.get("counts") { request, _ in try read { counts(FormBody(request.uri.query ?? "")) } }
        group.get("channels") { request, _ in try read { listChannels(FormBody(request.uri.query ?? "")) } }
    }

    private func read(_ body: () throws -> JSONValue) throws -> Response {
        do {
            return ChatRoutes.json(try body().rendered)
        } catch let error as APIError {
            return error.response()
        }
    }

    private func truth(_ query: FormBody) throws -> JSONValue {
        let account = try account(query["account"])
        if let id = query["calendar"] {
            let (calendar, entry) = try calendar(id, account)
            return CalendarTruth(calendar: calendar, entry: entry).json
        }
        let entries = world.list(of: account).entries.filter { !$0.isDeleted }
        let members = entries.map { JSONValue.Member(name: $0.id, value: $0.json(world.info($0.id))) }
        return .members(["calendars": .object(members)])
    }

    @Sendable private func listCalls(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let query = FormBody(request.uri.query ?? "")
        let count = query["count"].flatMap { Int($0) } ?? 1
        let deadline = ContinuousClock.now + .seconds(min(query["wait"].flatMap { Double($0) } ?? 0, 60))
        while true {
            let calls = log.calls { Self.fits($0, query) }
            if calls.count >= count || ContinuousClock.now >= deadline {
                return ChatRoutes.json(JSONValue.members(["calls": .array(calls.map(\.json))]).rendered)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func fits(_ call: CalendarCall, _ query: FormBody) -> Bool {
        func same(_ name: String, _ value: String?) -> Bool { query[name].map { $0 == value } ?? true }
        return same("account", call.account) && same("calendar", call.calendar) && same("event", call.event)
            && same("method", call.method.rawValue) && same("outcome", call.outcome)
            && same("sync_token", String(call.hasSyncToken)) && same("page_token", String(call.hasPageToken))
            && (query["paused"] != "true" || call.isPaused) && (query["finished"] != "true" || call.finishedAt != nil)
    }

    private func counts(_ query: FormBody) -> JSONValue {
        func table(_ counts: [String: Int]) -> JSONValue {
            .object(counts.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .integer($0.value)) })
        }
        func tables(_ counts: [String: [String: Int]]) -> JSONValue {
            .object(counts.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: table($0.value)) })
        }
        let byAccount = log.countsOfAccount.filter { query["account"].map { [name = $0.key] in $0 == name } ?? true }
        return .members(["methods": tables(log.counts), "accounts": tables(byAccount)])
    }

    private func listChannels(_ query: FormBody) -> JSONValue {
        let now = Date()
        let chosen = channels.all.filter { channel in
            (query["account"] ?? channel.account) == channel.account
                && (query["calendar"] ?? channel.calendar) == channel.calendar
                && (query["open"] != "true" || channel.isOpen(at: now))
        }.sorted { ($0.expiresAt, $0.id) < ($1.expiresAt, $1.id) }
        return .members([
            "channels": .array(
                chosen.map { channel in
                    .members([
                        "account": .string(channel.account), "calendar": .string(channel.calendar),
                        "address": .string(channel.address), "open": .bool(channel.isOpen(at: now)),
                        "messages": .integer(channel.number), "channel": channel.json,
                    ])
                })
        ])
    }
}
