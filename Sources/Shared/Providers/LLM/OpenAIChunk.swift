import Domain

/// One `chat.completion.chunk`, as far as it matters here. Every member may be missing or null: the servers that copy
/// OpenAI's protocol leave out what they do not know.
struct OpenAIChunk: Decodable {
    var choices: [Choice]?
    var usage: Usage?
    var error: OpenAIError?

    struct Choice: Decodable {
        var index: Int?
        var delta: Delta?
        var finishReason: String?

        private enum CodingKeys: String, CodingKey {
            case index, delta
            case finishReason = "finish_reason"
        }
    }

    struct Delta: Decodable {
        var content: String?
        /// The model's words when it declines; OpenAI sends them instead of `content`.
        var refusal: String?
    }

    struct Usage: Decodable {
        var promptTokens: Int?
        var completionTokens: Int?
        var promptTokensDetails: Details?

        struct Details: Decodable {
            var cachedTokens: Int?

            private enum CodingKeys: String, CodingKey {
                case cachedTokens = "cached_tokens"
            }
        }

        private enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
            case promptTokensDetails = "prompt_tokens_details"
        }
    }
}

extension OpenAIChunk.Usage {
    /// nil when the provider did not really count.
    var tokenUsage: TokenUsage? {
        guard let promptTokens, let completionTokens else { return nil }
        return TokenUsage(
            inputTokens: max(0, promptTokens), outputTokens: max(0, completionTokens),
            cachedInputTokens: max(0, promptTokensDetails?.cachedTokens ?? 0))
    }
}

extension OpenAIChunk.Choice {
    enum End: Equatable {
        case reason(FinishReason)
        /// The server gave up: OpenRouter says `error`, vLLM `abort`.
        case givenUp
    }

    /// nil while the answer goes on. A reason nobody has heard of still ends the answer: it counts as `stop`.
    var end: End? {
        switch finishReason {
        case nil, "": nil
        case "length", "max_tokens": .reason(.length)
        case "tool_calls", "function_call": .reason(.toolCalls)
        case "content_filter": .reason(.contentFilter)
        case "error", "abort", "cancelled": .givenUp
        default: .reason(.stop)
        }
    }
}
