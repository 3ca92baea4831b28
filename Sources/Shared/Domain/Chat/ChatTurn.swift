/// One message as a language model gets it.
package struct ChatTurn: Sendable, Equatable, Codable {
    package enum Role: String, Sendable, Codable { case system, user, assistant }

    package var role: Role
    package var content: String

    package init(_ role: Role, _ content: String) {
        self.role = role
        self.content = content
    }
}

/// Tokens of one answer, as the provider counted them, or estimated when it did not say.
package struct TokenUsage: Sendable, Equatable, Codable {
    package var inputTokens: Int
    package var outputTokens: Int
    /// Part of `inputTokens` that the provider read from its cache.
    package var cachedInputTokens: Int
    package var estimated: Bool

    package init(inputTokens: Int, outputTokens: Int, cachedInputTokens: Int = 0, estimated: Bool = false) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cachedInputTokens = cachedInputTokens
        self.estimated = estimated
    }

    private enum CodingKeys: String, CodingKey {
        case inputTokens = "input_tokens"
        case outputTokens = "output_tokens"
        case cachedInputTokens = "cached_input_tokens"
        case estimated
    }
}

/// Why a model stopped, in OpenAI's words.
package enum FinishReason: String, Sendable, Codable {
    case stop, length
    case toolCalls = "tool_calls"
    case contentFilter = "content_filter"
}
