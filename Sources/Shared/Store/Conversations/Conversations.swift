package import Domain
import Jobs
package import Postgres

/// Conversations and their messages. Every method acts for one tenant and sees only its rows.
///
/// Errors are `PostgresError`, unless a method says otherwise.
package struct Conversations: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// A conversation that does not exist, or is not this tenant's.
    package struct NotFound: Error, Equatable {}

    /// A question on its way into a conversation.
    package struct Question: Sendable {
        package var conversation: ConversationID
        /// False: it joins a conversation that must exist.
        package var opensConversation: Bool
        package var message: MessageID
        package var text: String
        package var job: JobID

        package init(
            conversation: ConversationID, opensConversation: Bool, message: MessageID, text: String, job: JobID
        ) {
            self.conversation = conversation
            self.opensConversation = opensConversation
            self.message = message
            self.text = text
            self.job = job
        }
    }

    static let open = Statement(
        "conversations.open", "INSERT INTO conversations (id, tenant_id, title, turns) VALUES ($1, $2, $3, 1)")

    /// Locks the row until the transaction ends, so that turns and jobs are numbered in the same order.
    static let advance = Statement(
        "conversations.advance",
        "UPDATE conversations SET turns = turns + 1, updated_at = now() WHERE id = $1 RETURNING turns")

    static let insertQuestion = Statement(
        "messages.ask",
        """
        INSERT INTO messages (conversation_id, turn, role, id, tenant_id, content, job_id)
        VALUES ($1, $2::int4, 'user', $3, $4, $5, $6)
        """)

    /// Writes a question in a transaction that acts for the tenant.
    /// - Returns: the question's turn, from 1.
    /// - Throws: `NotFound`.
    package func ask(
        _ question: Question, tenant: TenantID, in transaction: PostgresTransaction
    ) async throws -> Int {
        var turn = 1
        if question.opensConversation {
            _ = try await transaction.execute(
                Self.open,
                [.uuid(question.conversation.uuid), .uuid(tenant.uuid), .text(Self.title(of: question.text))])
        } else {
            let rows = try await transaction.query(Self.advance, [.uuid(question.conversation.uuid)])
            guard let row = rows.first else { throw NotFound() }
            turn = try row.int(0)
        }
        _ = try await transaction.execute(
            Self.insertQuestion,
            [
                .uuid(question.conversation.uuid), .int32(Int32(clamping: turn)), .uuid(question.message.uuid),
                .uuid(tenant.uuid), .text(question.text), .uuid(question.job.uuid),
            ])
        return turn
    }

    /// The first line of the first question, cut after whole characters at 80 Unicode scalars: the database counts
    /// scalars, and one character may hold any number of them.
    static func title(of text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) } ?? ""
        guard line.unicodeScalars.count > 80 else { return String(line) }
        var title = ""
        for character in line {
            guard title.unicodeScalars.count + character.unicodeScalars.count < 80 else { break }
            title.append(character)
        }
        return title + "…"
    }

    static let turnOfJob = Statement(
        "messages.of_job", "SELECT conversation_id, turn, id FROM messages WHERE job_id = $1 AND role = 'user'")

    /// The question a job answers. `nil` when it answers none.
    package func question(
        of job: JobID, tenant: TenantID
    ) async throws -> (conversation: ConversationID, turn: Int, message: MessageID)? {
        let rows = try await pool.query(Self.turnOfJob, [.uuid(job.uuid)], settings: JobStore.acting(for: tenant))
        return try rows.first.map {
            (ConversationID(try $0.uuid(0)), try $0.int(1), MessageID(try $0.uuid(2)))
        }
    }
}
