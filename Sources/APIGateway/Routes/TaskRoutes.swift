import Domain
import HTTPTypes
import Hummingbird
import Store

/// `/api/v1/tasks`, in the workspace that the request acts in.
struct TaskRoutes: Sendable {
    let tasks: Tasks

    func mount(on router: RouterGroup<GatewayContext>) {
        let routes = router.group("tasks")
        routes.get(use: list)
        routes.post(use: create)
        routes.get(":id", use: show)
        routes.patch(":id", use: update)
        routes.delete(":id", use: delete)
        routes.post(":id/restore", use: restore)
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = QueryReader(request: request)
        let limit = try query.limit()
        let before = try query.cursor { TaskID($0) }
        let found = try await tasks.list(
            Self.filter(query), before: before, limit: limit + 1, context.requireCaller())
        return Page(found, limit: limit).response("tasks", bytesEach: 512, cursor: \.id.description) { task, object in
            TaskAnswer(task).writeFields(to: &object)
        }
    }

    private static func filter(_ query: QueryReader) throws -> Tasks.Filter {
        var filter = Tasks.Filter()
        filter.statuses = try query.values("status", TaskStatus.init(rawValue:), TaskBody.statuses)
        filter.owner = try query.value("owner_id", { UserID($0) }, "must be a user's id")
        filter.dueBefore = try query.value("due_before", { CalendarDay($0) }, TaskBody.days)
        filter.dueAfter = try query.value("due_after", { CalendarDay($0) }, TaskBody.days)
        filter.text = try query.value("q", PlainText.body(upTo: 200), "must be at most 200 characters")
        filter.isDeleted = try query.value("deleted", { Bool($0) }, "must be true or false") ?? false
        return filter
    }

    @Sendable func create(_ request: Request, context: GatewayContext) async throws -> Response {
        let body = try BodyReader.decode(TaskBody.New.self, from: try await BodyReader.bytes(request))
        let task = try await tasks.create(body.draft, context.requireCaller())
        return TaskAnswer(task).response(status: .created, headers: [.location: "/api/v1/tasks/\(task.id)"])
    }

    @Sendable func show(_ request: Request, context: GatewayContext) async throws -> Response {
        TaskAnswer(try await tasks.find(Self.id(context), context.requireCaller())).response()
    }

    @Sendable func update(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try Self.id(context)
        let body = try BodyReader.decode(TaskBody.Changed.self, from: try await BodyReader.bytes(request))
        let task = try await tasks.update(
            id, body.change, ifVersion: Self.versions(request), context.requireCaller())
        return TaskAnswer(task).response()
    }

    @Sendable func delete(_ request: Request, context: GatewayContext) async throws -> Response {
        try await tasks.delete(Self.id(context), ifVersion: Self.versions(request), context.requireCaller())
        return Response(status: .noContent)
    }

    @Sendable func restore(_ request: Request, context: GatewayContext) async throws -> Response {
        TaskAnswer(try await tasks.restore(Self.id(context), context.requireCaller())).response()
    }

    private static func id(_ context: GatewayContext) throws -> TaskID {
        guard let id = context.parameters.get("id").flatMap({ TaskID($0) }) else { throw Problem.notFound("task") }
        return id
    }

    /// The versions that `If-Match` (RFC 9110 section 13.1.1) lets a task have. `nil`: any. What is no tag of ours
    /// matches none.
    static func versions(_ request: Request) -> [Int]? {
        let tags = request.headers[values: .ifMatch].flatMap { $0.split(separator: ",") }
            .map {
                $0.trimmingPrefix(while: \.isWhitespace).reversed().trimmingPrefix(while: \.isWhitespace).reversed()
            }
            .map { String($0) }
        guard !tags.isEmpty, !tags.contains("*") else { return nil }
        return tags.compactMap { tag in
            guard tag.hasPrefix("\"v"), tag.hasSuffix("\""), tag.count > 3 else { return nil }
            return Int(tag.dropFirst(2).dropLast())
        }
    }
}
