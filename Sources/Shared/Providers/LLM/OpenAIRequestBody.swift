import Domain
import FoundationEssentials

/// The body of `POST /chat/completions`: `CreateChatCompletionRequest` in
/// https://github.com/openai/openai-openapi, reduced to what all compatible servers know.
struct OpenAIRequestBody: Encodable {
    private let request: ChatRequest
    private let model: String
    private let outputLimit: OpenAIChatModel.OutputLimit

    init(_ request: ChatRequest, model: String, outputLimit: OpenAIChatModel.OutputLimit) {
        self.request = request
        self.model = model
        self.outputLimit = outputLimit
    }

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return Array(try encoder.encode(self))
    }

    private enum CodingKeys: String, CodingKey {
        case model, messages, stream, temperature
        case streamOptions = "stream_options"
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(request.messages, forKey: .messages)
        try container.encode(true, forKey: .stream)
        try container.encode(["include_usage": true], forKey: .streamOptions)
        try container.encodeIfPresent(request.temperature, forKey: .temperature)
        let limitKey: CodingKeys = outputLimit == .maxTokens ? .maxTokens : .maxCompletionTokens
        try container.encode(request.maxOutputTokens, forKey: limitKey)
    }
}
