import Foundation

/// The answer to one request: deterministic text, and its wire forms.
/// Shapes: `CreateChatCompletionResponse` and `CreateChatCompletionStreamResponse` of OpenAI's openapi.yaml.
struct Completion: Sendable {
    let id = "chatcmpl-" + UUID().uuidString.replacing("-", with: "").lowercased()
    let created = Int(Date().timeIntervalSince1970)
    let request: ChatCompletionRequest
    /// Tokens in the whole answer, cut at the request's `max_tokens`.
    let tokenCount: Int
    let finishReason: String
    private let words: [String]

    /// - Parameter text: the user's message without directives. The answer says it back, word by word, from the
    ///   beginning again when more tokens are asked for than it has words.
    init(request: ChatCompletionRequest, text: String, behaviour: Behaviour) {
        let echoed = text.split(whereSeparator: \.isWhitespace).map(String.init)
        words = ["You", "said:"] + (echoed.isEmpty ? ["nothing"] : echoed)
        self.request = request
        let wanted = behaviour.tokens ?? words.count
        let isCut = wanted > request.maxTokens ?? .max
        tokenCount = behaviour.fault == .endless ? .max : min(wanted, request.maxTokens ?? .max)
        finishReason =
            switch behaviour.fault {
            case .length: "length"
            case .contentFilter: "content_filter"
            default: isCut ? "length" : "stop"
            }
    }

    func token(_ index: Int) -> String {
        (index == 0 ? "" : " ") + words[index % words.count]
    }

    var text: String { (0..<tokenCount).map(token).joined() }

    var usage: JSONValue {
        .members([
            "prompt_tokens": .integer(request.promptTokens), "completion_tokens": .integer(tokenCount),
            "total_tokens": .integer(request.promptTokens + tokenCount),
            "prompt_tokens_details": .members(["cached_tokens": 0, "audio_tokens": 0]),
            "completion_tokens_details": .members([
                "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            ]),
        ])
    }

    /// The body of a non-streaming answer.
    func response(hasUsage: Bool) -> JSONValue {
        var members = head("chat.completion")
        let message = JSONValue.members([
            "role": "assistant", "content": .string(text), "refusal": .null, "annotations": [],
        ])
        let choice = JSONValue.members([
            "index": 0, "message": message, "logprobs": .null, "finish_reason": .string(finishReason),
        ])
        members.append(.init(name: "choices", value: [choice]))
        if hasUsage { members.append(.init(name: "usage", value: usage)) }
        return .object(members)
    }

    // MARK: Chunks

    var roleChunk: JSONValue { chunk(delta: .members(["role": "assistant", "content": "", "refusal": .null])) }
    func textChunk(_ text: String) -> JSONValue { chunk(delta: .members(["content": .string(text)])) }
    var finishChunk: JSONValue { chunk(delta: .members([:]), finishReason: .string(finishReason)) }
    var usageChunk: JSONValue { .object(head("chat.completion.chunk") + tail(choices: [], usage: usage)) }

    private func chunk(delta: JSONValue, finishReason: JSONValue = .null) -> JSONValue {
        let choice = JSONValue.members([
            "index": 0, "delta": delta, "logprobs": .null, "finish_reason": finishReason,
        ])
        // Every other chunk carries `usage: null` when a usage chunk will follow, and none otherwise.
        var members = head("chat.completion.chunk")
        members += tail(choices: [choice], usage: request.includesUsage ? .null : nil)
        if request.includesObfuscation {
            let padding = String("aB3xY9qLmT2wKzR5".prefix(1 + (delta["content"]?.text?.utf8.count ?? 0) % 16))
            members.append(.init(name: "obfuscation", value: .string(padding)))
        }
        return .object(members)
    }

    private func head(_ object: String) -> [JSONValue.Member] {
        [
            .init(name: "id", value: .string(id)), .init(name: "object", value: .string(object)),
            .init(name: "created", value: .integer(created)), .init(name: "model", value: .string(request.model)),
            .init(name: "service_tier", value: "default"), .init(name: "system_fingerprint", value: "fp_simulator"),
        ]
    }

    private func tail(choices: [JSONValue], usage: JSONValue?) -> [JSONValue.Member] {
        [.init(name: "choices", value: .array(choices))] + (usage.map { [.init(name: "usage", value: $0)] } ?? [])
    }
}
