/// Calls of language models; such a span is called `chat gpt-x` and its kind is client. What was said is never in it.
/// https://github.com/open-telemetry/semantic-conventions-genai
extension SpanAttributes {
    /// - Parameters:
    ///   - operation: `chat`, `embeddings`, …
    ///   - provider: `openai`, `anthropic`, `gcp.gemini`, …
    package static func model(
        _ model: String, operation: String = "chat", provider: String, streams: Bool
    ) -> SpanAttributes {
        [
            "gen_ai.operation.name": .string(operation), "gen_ai.provider.name": .string(provider),
            "gen_ai.request.model": .string(model), "gen_ai.request.stream": .bool(streams),
        ]
    }

    /// What the call turned out to be; `nil` says nothing.
    ///
    /// - Parameters:
    ///   - inputTokens: including those from a cache.
    ///   - outputTokens: including those of reasoning.
    ///   - firstChunk: from the request to the first content.
    package static func modelAnswer(
        id: String? = nil, model: String? = nil, finishReasons: [String] = [], inputTokens: Int? = nil,
        cachedInputTokens: Int? = nil, outputTokens: Int? = nil, reasoningTokens: Int? = nil,
        firstChunk: Duration? = nil
    ) -> SpanAttributes {
        var attributes: SpanAttributes = [:]
        attributes["gen_ai.response.id"] = id.map(SpanAttribute.string)
        attributes["gen_ai.response.model"] = model.map(SpanAttribute.string)
        if !finishReasons.isEmpty { attributes["gen_ai.response.finish_reasons"] = .strings(finishReasons) }
        attributes["gen_ai.usage.input_tokens"] = inputTokens.map(SpanAttribute.int)
        attributes["gen_ai.usage.cache_read.input_tokens"] = cachedInputTokens.map(SpanAttribute.int)
        attributes["gen_ai.usage.output_tokens"] = outputTokens.map(SpanAttribute.int)
        attributes["gen_ai.usage.reasoning.output_tokens"] = reasoningTokens.map(SpanAttribute.int)
        attributes["gen_ai.response.time_to_first_chunk"] = firstChunk.map { .double($0 / .seconds(1)) }
        return attributes
    }
}
