package import Domain

/// A language model that answers a conversation, piece by piece.
package protocol ChatModel: Sendable {
    /// Sends the request and returns once the provider has begun to answer.
    ///
    /// Cancelling the task, or dropping the stream, closes the connection to the provider at once.
    /// - Throws: `Failure`, classified; nothing else. The same holds for the stream.
    func stream(_ request: ChatRequest) async throws -> ChatStream
}

/// What a model is asked.
package struct ChatRequest: Sendable, Equatable {
    /// The conversation, oldest turn first; the last one is answered.
    package var messages: [ChatTurn]
    /// The model's name as its provider knows it; nil takes the configured one.
    package var model: String?
    /// Upper limit of the answer, in the model's tokens. An answer cut there finishes with `length`.
    package var maxOutputTokens: Int
    /// 0…2; nil leaves it to the provider.
    package var temperature: Double?
    /// Sent along as W3C trace headers, so that the provider's part can be found in the request's trace.
    package var trace: TraceContext?

    package init(
        messages: [ChatTurn], model: String? = nil, maxOutputTokens: Int, temperature: Double? = nil,
        trace: TraceContext? = nil
    ) {
        self.messages = messages
        self.model = model
        self.maxOutputTokens = maxOutputTokens
        self.temperature = temperature
        self.trace = trace
    }
}

/// One step of an answer. A complete answer is any number of `text`, then one `usage`, then one `finished`.
package enum ChatEvent: Sendable, Equatable {
    /// To be appended to the text so far. Never empty.
    case text(String)
    /// Tokens of the whole exchange; `estimated` when the provider did not count.
    case usage(TokenUsage)
    /// The provider ended the answer by its terminator: the answer is whole.
    case finished(FinishReason)
}
