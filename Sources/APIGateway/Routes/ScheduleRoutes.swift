import Domain
import FoundationEssentials
import Hummingbird
import Jobs

/// `/api/v1/schedules`: jobs that are made again and again.
struct ScheduleRoutes: Sendable {
    let intake: JobIntake

    func mount(on router: RouterGroup<GatewayContext>) {
        let schedules = router.group("schedules")
        schedules.get(use: list)
        schedules.get(":name", use: show)
        schedules.put(":name", use: put)
        schedules.delete(":name", use: delete)
        schedules.post(":name/pause", use: pause)
        schedules.post(":name/resume", use: resume)
        schedules.post(":name/fire", use: fire)
    }

    private struct Body: Decodable {
        var rule: ScheduleRule
        var timeZone: String
        var specification: JobSpecification

        private enum CodingKeys: String, CodingKey {
            case cron, job
            case everySeconds = "every_seconds"
            case timeZone = "time_zone"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            var fields = FieldReader(container)
            timeZone = try container.decodeIfPresent(String.self, forKey: .timeZone) ?? "UTC"
            specification = try container.decode(PostedJob.self, forKey: .job).specification()
            if specification.start != .now {
                fields.report(.job, "must have no delay_seconds and no run_at: the schedule says when")
            }
            rule = try Self.rule(container, &fields, zone: timeZone) ?? .every(seconds: 1)
            try fields.finish()
        }

        /// `nil`: what is wrong has been reported.
        private static func rule(
            _ container: KeyedDecodingContainer<CodingKeys>, _ fields: inout FieldReader<CodingKeys>, zone: String
        ) throws -> ScheduleRule? {
            let cron = try container.decodeIfPresent(String.self, forKey: .cron)
            let seconds = try fields.int(.everySeconds, in: 1...ScheduleRule.maxEverySeconds)
            if (cron == nil) == !container.contains(.everySeconds) {
                fields.report(.cron, "or every_seconds must be given, one of them")
                return nil
            }
            // Read also for an interval: a wrong time zone is refused there, too.
            let text = cron ?? ScheduleRule.every(seconds: seconds ?? 1).description
            do throws(InvalidCron) {
                let rule = try ScheduleRule(text, zone: zone)
                if case .every = rule, cron != nil { fields.report(.cron, "must be a cron expression") }
                return rule
            } catch {
                fields.report(error.field == "time_zone" ? .timeZone : .cron, "is not valid. \(error)")
                return nil
            }
        }
    }

    @Sendable func put(_ request: Request, context: GatewayContext) async throws -> Response {
        let name = try Self.name(context)
        let body = try BodyReader.decode(Body.self, from: try await BodyReader.bytes(request))
        let put = try await intake.store.putSchedule(
            name, tenant: context.requireTenant(), rule: body.rule.description, timeZone: body.timeZone,
            specification: body.specification, nextAt: body.rule.nextFiring(after: Date()))
        guard let put else {
            throw Problem(
                status: .conflict, code: "too_many_schedules",
                detail: "There are \(JobStore.maxSchedules) schedules already. Delete one first.")
        }
        return Self.answer(put.schedule, status: put.isNew ? .created : .ok)
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let schedules = try await intake.store.schedules(of: context.requireTenant())
        var writer = JSONWriter(capacity: 512 * (schedules.count + 1))
        writer.object { object in
            object.key("schedules")
            object.array { array in for schedule in schedules { ScheduleAnswer(schedule).write(to: &array) } }
        }
        return .json(writer)
    }

    @Sendable func show(_ request: Request, context: GatewayContext) async throws -> Response {
        try Self.answer(await intake.store.findSchedule(Self.name(context), tenant: context.requireTenant()))
    }

    @Sendable func delete(_ request: Request, context: GatewayContext) async throws -> Response {
        guard try await intake.store.deleteSchedule(Self.name(context), tenant: context.requireTenant()) else {
            throw Problem.notFound("schedule")
        }
        return Response(status: .noContent)
    }

    @Sendable func pause(_ request: Request, context: GatewayContext) async throws -> Response {
        try Self.answer(
            await intake.store.pauseSchedule(Self.name(context), tenant: context.requireTenant(), resumingAt: nil))
    }

    @Sendable func resume(_ request: Request, context: GatewayContext) async throws -> Response {
        let (name, tenant) = (try Self.name(context), try context.requireTenant())
        guard let schedule = try await intake.store.findSchedule(name, tenant: tenant) else {
            throw Problem.notFound("schedule")
        }
        let rule = try ScheduleRule(schedule.rule, zone: schedule.timeZone)
        return try Self.answer(
            await intake.store.pauseSchedule(name, tenant: tenant, resumingAt: rule.nextFiring(after: Date())))
    }

    @Sendable func fire(_ request: Request, context: GatewayContext) async throws -> Response {
        guard let fired = try await intake.fire(Self.name(context), tenant: context.requireTenant()) else {
            throw Problem.notFound("schedule")
        }
        return try JobRoutes.answer(fired)
    }

    private static func name(_ context: GatewayContext) throws -> ScheduleName {
        guard let name = context.parameters.get("name").flatMap({ ScheduleName($0) }) else {
            throw Problem.invalid(
                "name", "must be 1 to 63 lower-case letters, digits, _, . or -, starting with a letter")
        }
        return name
    }

    private static func answer(_ schedule: Schedule?, status: HTTPResponse.Status = .ok) throws -> Response {
        guard let schedule else { throw Problem.notFound("schedule") }
        return answer(schedule, status: status)
    }

    private static func answer(_ schedule: Schedule, status: HTTPResponse.Status) -> Response {
        var writer = JSONWriter()
        ScheduleAnswer(schedule).write(to: &writer)
        return .json(writer, status: status)
    }
}
