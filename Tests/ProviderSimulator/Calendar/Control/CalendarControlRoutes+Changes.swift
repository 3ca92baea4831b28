import Domain
import Foundation
import Hummingbird

extension CalendarControlRoutes {
    func addChanges(to group: RouterGroup<SimulatorContext>) {
        group.post("populate") { request, _ in try await change(request, populate) }
        group.post("calendars") { request, _ in try await change(request, addCalendar) }
        group.delete("calendars") { request, _ in
            world.delete(FormBody(request.uri.query ?? "")["calendar"] ?? "")
            return HTTPResponse.Status.noContent
        }
        group.post("share") { request, _ in try await change(request, share) }
        group.post("unshare") { request, _ in try await change(request, unshare) }
        group.post("events") { request, _ in try await change(request, insert) }
        group.patch("events") { request, _ in try await change(request, patch) }
        group.delete("events") { request, _ in try await change(request, delete) }
        group.post("mutate") { request, _ in try await change(request, mutate) }
    }

    // MARK: In bulk

    private func populate(_ body: JSONValue) throws -> JSONValue {
        let people = try chosen(body)
        let calendars = body["calendars"]?.integer ?? 1
        let events = body["events"]?.integer ?? 10
        guard (1...200).contains(calendars), (0...200_000).contains(events) else {
            throw APIError.unreadable("calendars")
        }
        let zone = body["time_zone"]?.text ?? "Europe/Berlin"
        guard Zones.named(zone) != nil else { throw APIError.unreadable("time_zone") }
        let now = Date()
        for account in people {
            let seed = SeededGenerator.hash("\(body["seed"]?.integer ?? 1)/\(account.name)")
            world.replace((0..<calendars).map { Self.ordered($0, account, zone, events, seed, now) }, of: account)
        }
        return .members(["accounts": .integer(people.count)])
    }

    private func chosen(_ body: JSONValue) throws(APIError) -> [Account] {
        guard let prefix = body["prefix"]?.text, let count = body["count"]?.integer else {
            return try (body["accounts"]?.elements ?? []).map { name throws(APIError) in try account(name.text) }
        }
        guard (1...1_000_000).contains(count) else { throw .unreadable("count") }
        return accounts.with { ledger in (1...count).map { ledger.add(account: "\(prefix)\($0)") } }
    }

    private static func ordered(
        _ index: Int, _ account: Account, _ zone: String, _ events: Int, _ seed: UInt64, _ now: Date
    ) -> (SimulatedCalendar, CalendarList.Entry) {
        let seed = seed &+ UInt64(index)
        let id = index == 0 ? account.email : "c_\(String(seed, radix: 16))@group.calendar.google.com"
        let info = CalendarInfo(
            id: id, title: index == 0 ? account.email : "Calendar \(index + 1)", timeZone: zone, owner: account.name)
        let person = SimulatedEvent.Person(email: account.email, isSelf: index == 0)
        let calendar = SimulatedCalendar(info) { info in
            var sketch = EventSketch(info, person: person, seed: seed, now: now)
            return sketch.contents(count: events)
        }
        return (calendar, CalendarList.Entry(id: id, role: .owner, isPrimary: index == 0))
    }

    private func mutate(_ body: JSONValue) throws -> JSONValue {
        let (account, calendar, entry) = try calendar(body)
        let count = body["count"]?.integer ?? 1
        let kinds = try body["kinds"]?.elements?.map { name throws(APIError) in
            guard let kind = name.text.flatMap(CalendarMutation.Kind.init) else { throw .unreadable("kinds") }
            return kind
        }
        let person = SimulatedEvent.Person(email: account.email, isSelf: entry.isPrimary)
        // The same seed again makes other changes, or its events would take the place of those of the first time.
        let seed = SeededGenerator.hash("\(body["seed"]?.integer ?? 1)/\(calendar.with { $0.version })")
        var mutation = CalendarMutation(calendar.info, person: person, seed: seed, kinds: kinds, now: Date())
        var done: [String: Int] = [:]
        for _ in 0..<count {
            let kind = calendar.with { mutation.apply(to: &$0) }
            done[kind.rawValue, default: 0] += 1
            channels.changed(calendar.id)
        }
        return .members([
            "version": .integer(calendar.with { $0.version }),
            "changes": .object(done.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .integer($0.value)) }),
        ])
    }

    // MARK: Calendars

    private func addCalendar(_ body: JSONValue) throws -> JSONValue {
        let account = try account(body["account"]?.text)
        let id = body["id"]?.text ?? "c_\(EventWriter.freshID())@group.calendar.google.com"
        let zone = body["time_zone"]?.text ?? "Europe/Berlin"
        guard Zones.named(zone) != nil else { throw APIError.unreadable("time_zone") }
        guard let role = AccessRole(rawValue: body["role"]?.text ?? "owner") else { throw APIError.unreadable("role") }
        let info = CalendarInfo(
            id: id, title: try text("title", body), timeZone: zone, description: body["description"]?.text,
            owner: account.name)
        let calendar = SimulatedCalendar(info) { _ in CalendarContents(now: Date()) }
        world.give([(calendar, .init(id: id, role: role))], to: account)
        return .members(["id": .string(id)])
    }

    private func share(_ body: JSONValue) throws -> JSONValue {
        let account = try account(body["account"]?.text)
        let id = try text("calendar", body)
        guard let role = AccessRole(rawValue: try text("role", body)) else { throw APIError.unreadable("role") }
        guard world.info(id) != nil else { throw APIError.unreadable("calendar") }
        world.with(account) { list, _ in
            var entry = list[id] ?? .init(id: id, role: role)
            entry.role = role
            entry.isDeleted = false
            list.put(entry)
        }
        return .members(["calendar": .string(id)])
    }

    private func unshare(_ body: JSONValue) throws -> JSONValue {
        let (account, calendar, _) = try calendar(body)
        world.with(account) { list, _ in _ = list.remove(calendar.id) }
        return .members(["calendar": .string(calendar.id)])
    }

    // MARK: Events

    private func writer(_ body: JSONValue) throws -> (SimulatedCalendar, EventWriter) {
        let (account, calendar, entry) = try calendar(body)
        let parameters = try CalendarParameters(FormBody("conferenceDataVersion=1"), .insertEvent)
        let writer = EventWriter(
            account: account, info: calendar.info, isPrimary: entry.isPrimary, parameters: parameters)
        return (calendar, writer)
    }

    private func insert(_ body: JSONValue) throws -> JSONValue {
        let (calendar, writer) = try writer(body)
        var ids: [JSONValue] = []
        for event in body["events"]?.elements ?? [] {
            try BodyShape.event.check(event)
            let event = try writer.inserted(event)
            try calendar.with { (contents) throws(CalendarRefusal) in try contents.insert(event) }
            ids.append(.string(event.id))
            channels.changed(calendar.id)
        }
        return .members(["ids": .array(ids)])
    }

    private func patch(_ body: JSONValue) throws -> JSONValue {
        let (calendar, writer) = try writer(body)
        let id = try text("event", body)
        let patch = body["patch"] ?? .object([])
        try BodyShape.event.check(patch)
        let zone = calendar.zone
        try calendar.with { (contents) throws(CalendarRefusal) in
            let found = try contents.find(id, zone: zone)
            contents.update(found, to: try writer.patched(found.event, with: patch), now: writer.now)
        }
        channels.changed(calendar.id)
        return .members(["id": .string(id)])
    }

    private func delete(_ body: JSONValue) throws -> JSONValue {
        let (_, calendar, _) = try calendar(body)
        let id = try text("event", body)
        let zone = calendar.zone
        try calendar.with { (contents) throws(CalendarRefusal) in
            try contents.delete(try contents.find(id, zone: zone), now: Date())
        }
        channels.changed(calendar.id)
        return .members(["id": .string(id)])
    }
}
