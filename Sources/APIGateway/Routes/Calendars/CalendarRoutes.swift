import Domain
import HTTPTypes
import Hummingbird
import Jobs
import Providers
import Store

/// `/api/v1/calendars`: those of the workspace's connected accounts, and which of them are mirrored.
struct CalendarRoutes: Sendable {
    let parts: CalendarParts

    func mount(on router: RouterGroup<GatewayContext>) {
        let routes = router.group("calendars")
        routes.get(use: list)
        routes.post("sync", use: syncLists)
        routes.patch(":id", use: update)
        routes.post(":id/sync", use: sync)
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let connections = try parts.connections.orOff()
        let tenant = try context.requireTenant()
        let known = EntityTags(ifNoneMatch: request.headers)
        let seconds = try CalendarParts.waitSeconds(QueryReader(request: request))
        func look() async throws -> CalendarListing {
            CalendarListing(
                try await parts.calendars.list(of: tenant),
                accounts: try await parts.accounts(of: tenant, connections))
        }
        let found = try await parts.wait(known.isEmpty ? 0 : seconds, context) { () -> CalendarListing? in
            let listing = try await look()
            return known.contains(listing.tag) ? nil : listing
        }
        if let found { return found.response() }
        let last = try await look()
        guard known.contains(last.tag) else { return last.response() }
        return Response(status: .notModified, headers: [.eTag: last.tag, .cacheControl: "no-store"])
    }

    private struct Change: Decodable { var selected: Bool }

    /// What was chosen is written at once; a job brings the events, or throws them away.
    @Sendable func update(_ request: Request, context: GatewayContext) async throws -> Response {
        let connections = try parts.connections.orOff()
        let (id, tenant) = (try CalendarParts.id(context), try context.requireTenant())
        let change = try await BodyReader.read(Change.self, request)
        let job = try Self.job(SyncCalendar(id), context)
        let calendars = parts.calendars
        _ = try await parts.intake.accept(tenant: tenant, key: nil) { transaction in
            _ = try await calendars.select(id, change.selected, tenant: tenant, in: transaction)
            return job
        }
        let calendar = try await calendars.find(id, tenant: tenant)
        let accounts = try await parts.accounts(of: tenant, connections)
        return CalendarAnswer(calendar: calendar, account: accounts[calendar.connection] ?? "").response()
    }

    private struct Wanted: Decodable { var full: Bool? }

    @Sendable func sync(_ request: Request, context: GatewayContext) async throws -> Response {
        let bytes = try await BodyReader.bytes(request)
        let wanted = bytes.isEmpty ? Wanted() : try BodyReader.decode(Wanted.self, from: bytes)
        let calendar = try await parts.find(context)
        guard calendar.isSelected else { throw Problem.calendarNotSelected }
        let job = try Self.job(SyncCalendar(calendar.id, isFull: wanted.full ?? false), context)
        return try JobRoutes.answer(try await parts.intake.accept(tenant: calendar.tenant, key: nil) { _ in job })
    }

    /// Somebody waits for it.
    private static func job(_ command: SyncCalendar, _ context: GatewayContext) throws -> JobSpecification {
        var specification = try command.specification(priority: .urgent)
        specification.trace = context.traceparent
        return specification
    }

    /// Of every account whose calendars may be read; none, when there is none.
    @Sendable func syncLists(_ request: Request, context: GatewayContext) async throws -> Response {
        let connections = try parts.connections.orOff()
        let tenant = try context.requireTenant()
        let about = connections.catalog[Self.google]?.about
        let accounts = try await connections.connections.list(of: tenant).filter { connection in
            connection.provider == Self.google && connection.state == .active
                && about?.features(grantedBy: connection.scopes).contains("calendar") == true
        }
        let jobs = try accounts.map { account in
            var specification = try ListCalendars(account.id, isFull: true).specification(priority: .urgent)
            specification.trace = context.traceparent
            return NewJob(tenant: tenant, specification: specification)
        }
        let accepted = jobs.isEmpty ? [] : try await parts.intake.accept(jobs)
        var writer = JSONWriter(capacity: 768 * (accepted.count + 1))
        writer.object { object in
            object.key("jobs")
            object.array { array in for one in accepted { JobAnswer(one.job).write(to: &array) } }
        }
        return .json(writer, status: .accepted)
    }

    private static let google = ProviderName("google")
}
