package import Domain
package import FoundationEssentials
import Jobs
import Postgres

extension Conversations {
    package struct Summary: Sendable {
        package var id: ConversationID
        package var title: String
        package var turns: Int
        package var createdAt: Date
        package var updatedAt: Date
    }

    static let list = Statement(
        "conversations.list",
        """
        SELECT id, title, turns, created_at, updated_at FROM conversations
        WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR (updated_at, id) < ($2, $3::uuid))
        ORDER BY updated_at DESC, id DESC LIMIT $4
        """)

    /// A tenant's conversations, most recently used first.
    /// - Parameter before: the last one of the page before.
    package func list(
        tenant: TenantID, before: (updatedAt: Date, id: ConversationID)?, limit: Int
    ) async throws -> [Summary] {
        let parameters: [PostgresValue] = [
            .uuid(tenant.uuid), before.map { .timestamp($0.updatedAt) } ?? .null,
            before.map { .uuid($0.id.uuid) } ?? .null, .int(limit),
        ]
        return try await pool.query(Self.list, parameters, settings: JobStore.acting(for: tenant)).map { row in
            Summary(
                id: ConversationID(try row.uuid(0)), title: try row.text(1), turns: try row.int(2),
                createdAt: try row.timestamp(3), updatedAt: try row.timestamp(4))
        }
    }

    package struct Message: Sendable {
        package var id: MessageID
        package var turn: Int
        package var role: String
        package var content: String
        /// `complete`, or `partial` for an answer that was stopped.
        package var status: String
        package var job: JobID
        /// `nil` when the job was pruned.
        package var jobState: JobState?
        package var model: String?
        package var createdAt: Date
    }

    static let exists = Statement("conversations.exists", "SELECT 1 FROM conversations WHERE id = $1")

    static let messages = Statement(
        "messages.list",
        """
        SELECT message.id, message.turn, message.role, message.content, message.status, message.job_id, job.state,
               message.model, message.created_at
        FROM messages AS message LEFT JOIN jobs AS job ON job.id = message.job_id
        WHERE message.conversation_id = $1
          AND (message.turn > $2 OR (message.turn = $2 AND message.role = 'assistant' AND $3::bool))
        ORDER BY message.turn, message.role DESC LIMIT $4
        """)

    /// A place between two messages.
    package struct Place: Sendable, Equatable {
        package var turn: Int
        /// True after the question of this turn, false after its answer.
        package var isAfterQuestion: Bool

        package init(turn: Int, isAfterQuestion: Bool) {
            self.turn = turn
            self.isAfterQuestion = isAfterQuestion
        }
    }

    /// The messages of a conversation after a place, oldest first.
    /// - Throws: `NotFound`.
    package func messages(
        of conversation: ConversationID, tenant: TenantID, after place: Place?, limit: Int
    ) async throws -> [Message] {
        let settings = JobStore.acting(for: tenant)
        let parameters: [PostgresValue] = [
            .uuid(conversation.uuid), .int(place?.turn ?? 0), .bool(place?.isAfterQuestion ?? false), .int(limit),
        ]
        let rows = try await pool.query(Self.messages, parameters, settings: settings)
        if rows.isEmpty, try await pool.query(Self.exists, [.uuid(conversation.uuid)], settings: settings).isEmpty {
            throw NotFound()
        }
        return try rows.map { row in
            Message(
                id: MessageID(try row.uuid(0)), turn: try row.int(1), role: try row.text(2), content: try row.text(3),
                status: try row.text(4), job: JobID(try row.uuid(5)),
                jobState: try row.optionalText(6).flatMap(JobState.init(rawValue:)), model: try row.optionalText(7),
                createdAt: try row.timestamp(8))
        }
    }
}
