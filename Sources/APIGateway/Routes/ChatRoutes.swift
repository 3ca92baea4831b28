import Domain
import FoundationEssentials
import Hummingbird
import Jobs
import Store

/// `/api/v1/chat`.
struct ChatRoutes: Sendable {
    let intake: JobIntake
    let conversations: Conversations

    /// The longest message, in bytes of UTF-8.
    static let maxMessageBytes = 65_536

    private struct Body: Decodable {
        var message: String
        var conversation: ConversationID?
        var model: String?

        enum CodingKeys: String, CodingKey {
            case message, model
            case conversation = "conversation_id"
        }

        func validate() throws {
            guard message.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
                throw InvalidCommand(field: "message", "must not be empty")
            }
            guard message.utf8.count <= maxMessageBytes else {
                throw InvalidCommand(field: "message", "must not be longer than \(maxMessageBytes) bytes")
            }
            try StoredText.check("message", message)
            try AnswerChat.check(model: model)
        }
    }

    func mount(on router: RouterGroup<GatewayContext>) {
        let chat = router.group("chat")
        chat.post("messages", use: post)
        chat.get("conversations", use: list)
        chat.get("conversations/:id/messages", use: messages)
    }

    @Sendable func post(_ request: Request, context: GatewayContext) async throws -> Response {
        let tenant = try context.requireTenant()
        let bytes = try await BodyReader.bytes(request)
        let body = try BodyReader.decode(Body.self, from: bytes)
        try body.validate()
        let key = try IdempotencyKey.read(request, body: bytes)
        let trace = context.traceparent
        let job = JobID.make()
        let question = Conversations.Question(
            conversation: body.conversation ?? .make(), opensConversation: body.conversation == nil,
            message: .make(), text: body.message, job: job)
        let keyed = try await intake.accept(id: job, tenant: tenant, key: key) { transaction in
            let turn = try await conversations.ask(question, tenant: tenant, in: transaction)
            var specification = try AnswerChat(
                conversation: question.conversation, turn: turn, model: body.model
            ).specification()
            specification.trace = trace
            return specification
        }
        switch keyed {
        case .conflict: throw IdempotencyKey.conflict
        case .inProgress: throw IdempotencyKey.inProgress
        case .accepted(let job), .deduplicated(let job): return try await accepted(job, tenant: tenant, isReplay: false)
        case .replayed(let job): return try await accepted(job, tenant: tenant, isReplay: true)
        }
    }

    private func accepted(_ job: Job, tenant: TenantID, isReplay: Bool) async throws -> Response {
        guard let asked = try await conversations.question(of: job.id, tenant: tenant) else {
            throw IdempotencyKey.conflict
        }
        return JobRoutes.accepted(job, isReplay: isReplay) { object in
            object.field("conversation_id", asked.conversation.description)
            object.field("message_id", asked.message.description)
            object.field("turn", asked.turn)
        }
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = QueryReader(request: request)
        let limit = try query.limit()
        let before = try query.cursor(Self.readCursor)
        let found = try await conversations.list(tenant: context.requireTenant(), before: before, limit: limit + 1)
        return Page(found, limit: limit).response("conversations", cursor: Self.cursor, write: Self.write)
    }

    private static func write(_ summary: Conversations.Summary, to object: inout JSONWriter) {
        object.field("id", summary.id.description)
        object.field("title", summary.title)
        object.field("turns", summary.turns)
        object.field("created_at", summary.createdAt)
        object.field("updated_at", summary.updatedAt)
    }

    /// `microseconds.id`: PostgreSQL keeps microseconds, so a page ends at exactly one row.
    private static func cursor(_ summary: Conversations.Summary) -> String {
        "\(Int((summary.updatedAt.timeIntervalSince1970 * 1_000_000).rounded())).\(summary.id)"
    }

    private static func readCursor(_ text: String) -> (updatedAt: Date, id: ConversationID)? {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let microseconds = Int(parts[0]), let id = ConversationID(parts[1]) else { return nil }
        return (Date(timeIntervalSince1970: Double(microseconds) / 1_000_000), id)
    }

    @Sendable func messages(_ request: Request, context: GatewayContext) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap({ ConversationID($0) }) else {
            throw Problem.notFound("conversation")
        }
        let query = QueryReader(request: request)
        let limit = try query.limit()
        let place = try query.cursor(Self.readPlace)
        let found = try await conversations.messages(
            of: id, tenant: context.requireTenant(), after: place, limit: limit + 1)
        return Page(found, limit: limit).response(
            "messages", bytesEach: 512, cursor: { "\($0.turn).\($0.role)" }, write: Self.write)
    }

    private static func write(_ message: Conversations.Message, to object: inout JSONWriter) {
        object.field("id", message.id.description)
        object.field("turn", message.turn)
        object.field("role", message.role)
        object.field("content", message.content)
        object.field("status", message.status)
        object.field("job_id", message.job.description)
        object.field("job_state", message.jobState?.rawValue)
        object.field("model", message.model)
        object.field("created_at", message.createdAt)
    }

    private static func readPlace(_ text: String) -> Conversations.Place? {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let turn = Int(parts[0]), (1...Int(Int32.max)).contains(turn) else { return nil }
        switch parts[1] {
        case "user": return Conversations.Place(turn: turn, isAfterQuestion: true)
        case "assistant": return Conversations.Place(turn: turn, isAfterQuestion: false)
        default: return nil
        }
    }
}
