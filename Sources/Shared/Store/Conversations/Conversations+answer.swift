package import Domain
import Jobs
package import Postgres

extension Conversations {
    static let exchanges = Statement(
        "messages.exchanges",
        """
        SELECT question.turn, question.content, answer.content
        FROM messages AS question
        LEFT JOIN messages AS answer ON answer.conversation_id = question.conversation_id
            AND answer.turn = question.turn AND answer.role = 'assistant'
        WHERE question.conversation_id = $1 AND question.role = 'user' AND question.turn <= $2
        ORDER BY question.turn DESC LIMIT $3
        """)

    /// How far back an answer may look, in turns; the model's context usually ends sooner.
    package static let longestHistory = 200

    /// What was said up to a turn.
    /// - Returns: the exchanges before it, oldest first, and its question. `nil`: there is no such question.
    package func history(
        of conversation: ConversationID, upTo turn: Int, tenant: TenantID
    ) async throws -> (earlier: [HistoryWindow.Exchange], question: String)? {
        let rows = try await pool.query(
            Self.exchanges, [.uuid(conversation.uuid), .int(turn), .int(Self.longestHistory + 1)],
            settings: JobStore.acting(for: tenant))
        guard let newest = rows.first, try newest.int(0) == turn else { return nil }
        let earlier = try rows.dropFirst().reversed().map { row in
            HistoryWindow.Exchange(question: try row.text(1), answer: try row.optionalText(2))
        }
        return (earlier, try newest.text(1))
    }

    static let insertAnswer = Statement(
        "messages.answer",
        """
        INSERT INTO messages (conversation_id, turn, role, id, tenant_id, content, status, job_id, model, input_tokens,
                              output_tokens)
        VALUES ($1, $2::int4, 'assistant', $3, $4, $5, $6, $7, $8, $9::int4, $10::int4)
        ON CONFLICT (conversation_id, turn, role) DO UPDATE SET
            content = excluded.content, status = excluded.status, model = excluded.model,
            input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens, created_at = now()
            WHERE messages.job_id = excluded.job_id
        """)

    static let touch = Statement("conversations.touch", "UPDATE conversations SET updated_at = now() WHERE id = $1")

    /// Writes an answer in the transaction that settles its job. A job that was stopped, and that a person brought
    /// back, answers in place of what it had said before.
    package func write(
        _ answer: ChatAnswer, isPartial: Bool, job: JobID, tenant: TenantID, in transaction: PostgresTransaction
    ) async throws {
        _ = try await transaction.execute(
            Self.insertAnswer,
            [
                .uuid(answer.conversation.uuid), .int32(Int32(clamping: answer.turn)),
                .uuid(MessageID.make().uuid), .uuid(tenant.uuid), .text(answer.text),
                .text(isPartial ? "partial" : "complete"), .uuid(job.uuid), .text(answer.model),
                .int32(Int32(clamping: answer.usage.inputTokens)), .int32(Int32(clamping: answer.usage.outputTokens)),
            ])
        _ = try await transaction.execute(Self.touch, [.uuid(answer.conversation.uuid)])
    }
}
