/// Answer one message of a conversation with a language model.
package struct AnswerChat: Command {
    package static let kind = JobKind(rawValue: "chat.answer")
    package static let queue = QueueName.chat
    package static let attemptTimeoutSeconds = 600

    package var conversation: ConversationID
    /// The user's message: conversations count their turns from 1.
    package var turn: Int
    /// `nil`: the worker's configured model.
    package var model: String?

    package init(conversation: ConversationID, turn: Int, model: String?) {
        self.conversation = conversation
        self.turn = turn
        self.model = model
    }

    package var orderingKey: String? { ReservedKey.conversation.of(conversation) }

    /// A model's rate limit is the account's, whoever asks.
    package var gate: String? { "llm:\(model ?? "default")" }

    package func validate() throws(InvalidCommand) {
        try Self.check(model: model)
        guard turn >= 1 else { throw InvalidCommand(field: "turn", "must be 1 or more") }
    }

    package static let maxModelLength = 200

    package static func check(model: String?) throws(InvalidCommand) {
        guard let model else { return }
        try StoredText.check("model", model)
        let isPrintable = model.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
        guard (1...maxModelLength).contains(model.unicodeScalars.count), isPrintable else {
            throw InvalidCommand(
                field: "model",
                "must be 1 to \(maxModelLength) characters without spaces; leave it out for the default model"
            )
        }
    }

    private enum CodingKeys: String, CodingKey {
        case conversation = "conversation_id"
        case turn, model
    }
}

/// What a chat job leaves behind: the job's `result`.
package struct ChatAnswer: Sendable, Equatable, Codable {
    package var conversation: ConversationID
    package var turn: Int
    package var text: String
    package var model: String
    /// `nil` when the answer was stopped before its end.
    package var finishReason: FinishReason?
    package var usage: TokenUsage

    package init(
        conversation: ConversationID, turn: Int, text: String, model: String, finishReason: FinishReason?,
        usage: TokenUsage
    ) {
        self.conversation = conversation
        self.turn = turn
        self.text = text
        self.model = model
        self.finishReason = finishReason
        self.usage = usage
    }

    private enum CodingKeys: String, CodingKey {
        case conversation = "conversation_id"
        case turn, text, model, usage
        case finishReason = "finish_reason"
    }
}
