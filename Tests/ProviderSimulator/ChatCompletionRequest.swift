import Foundation

/// A request body of `POST /v1/chat/completions` that passed OpenAI's validation.
struct ChatCompletionRequest: Sendable {
    var model: String
    var messages: [JSONValue]
    var isStreaming = false
    var includesUsage = false
    var includesObfuscation = true
    /// The smaller of `max_completion_tokens` and `max_tokens`; nil without either.
    var maxTokens: Int?

    /// The text of the last message of role `user`; empty when there is none.
    var lastUserText: String {
        messages.last { $0["role"]?.text == "user" }.map(Self.text) ?? ""
    }

    /// The simulator's own tokeniser: one token a word, and four around every message.
    var promptTokens: Int {
        messages.reduce(3) { sum, message in sum + 4 + Self.text(message).split(whereSeparator: \.isWhitespace).count }
    }

    /// A message's content as text: a string, or the text parts of an array, joined.
    static func text(_ message: JSONValue) -> String {
        switch message["content"] {
        case .string(let text): text
        case .array(let parts): parts.compactMap { $0["text"]?.text }.joined(separator: " ")
        default: ""
        }
    }
}

extension ChatCompletionRequest {
    /// - Throws: `APIError` with the status, param and code that OpenAI answers.
    init(body: Data) throws(APIError) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: body), case .object(let members) = value
        else {
            throw .unparsableBody
        }
        guard let model = value["model"], !model.isNull else { throw .missingModel }
        guard case .string(let name) = model else { throw .invalidType("model", expected: "a string", got: model) }
        guard let messages = value["messages"] else { throw .missing("messages") }
        self.init(model: name, messages: try Self.validated(messages))
        for member in members { try Self.check(member) }
        try readOptions(value)
    }

    private mutating func readOptions(_ value: JSONValue) throws(APIError) {
        isStreaming = value["stream"] == .bool(true)
        maxTokens = [value["max_tokens"]?.integer, value["max_completion_tokens"]?.integer].compactMap(\.self).min()
        guard let options = value["stream_options"], case .object(let members) = options else { return }
        guard isStreaming else {
            throw APIError(
                status: 400, message: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                param: "stream_options")
        }
        for member in members {
            switch (member.name, member.value) {
            case ("include_usage", .bool(let flag)): includesUsage = flag
            case ("include_obfuscation", .bool(let flag)): includesObfuscation = flag
            case ("include_usage", let other), ("include_obfuscation", let other):
                throw .invalidType("stream_options.\(member.name)", expected: "a boolean", got: other)
            default: throw .unknown("stream_options.\(member.name)")
            }
        }
    }

    // MARK: Members

    /// The members of `CreateChatCompletionRequest` in OpenAI's openapi.yaml, with the kind each takes.
    private static let kinds: [String: Kind] = [
        "model": .any, "messages": .any, "stream": .boolean, "stream_options": .object,
        "temperature": .number(0...2), "top_p": .number(0...1),
        "presence_penalty": .number(-2...2), "frequency_penalty": .number(-2...2),
        "max_tokens": .integer(1...1_000_000), "max_completion_tokens": .integer(1...1_000_000),
        "n": .integer(1...1), "seed": .integer(-9.2e18...9.2e18), "top_logprobs": .integer(0...20),
        "logprobs": .boolean, "store": .boolean, "parallel_tool_calls": .boolean,
        "user": .string, "safety_identifier": .string, "prompt_cache_key": .string, "service_tier": .string,
        "prompt_cache_retention": .string, "reasoning_effort": .string, "verbosity": .string, "stop": .any,
        "logit_bias": .object, "metadata": .object, "response_format": .object, "prediction": .object,
        "audio": .object, "web_search_options": .object, "moderation": .object, "prompt_cache_options": .object,
        "tools": .array, "functions": .array, "modalities": .array, "tool_choice": .any, "function_call": .any,
    ]

    private enum Kind {
        case any, boolean, string, object, array
        case number(ClosedRange<Double>)
        case integer(ClosedRange<Double>)
    }

    /// `null` is accepted wherever a member may be left out, as OpenAI does.
    private static func check(_ member: JSONValue.Member) throws(APIError) {
        guard let kind = kinds[member.name] else { throw .unknown(member.name) }
        switch (kind, member.value) {
        case (.any, _), (_, .null), (.boolean, .bool), (.string, .string), (.object, .object), (.array, .array): break
        case (.number(let limits), .integer), (.number(let limits), .number), (.integer(let limits), .integer):
            guard let double = member.value.double, limits.contains(double) else {
                let name = if case .integer = kind { "integer" } else { "decimal" }
                throw .outOfRange(member.name, member.value, limits: limits, kind: name)
            }
        case (.boolean, _): throw .invalidType(member.name, expected: "a boolean", got: member.value)
        case (.string, _): throw .invalidType(member.name, expected: "a string", got: member.value)
        case (.object, _): throw .invalidType(member.name, expected: "an object", got: member.value)
        case (.array, _): throw .invalidType(member.name, expected: "an array", got: member.value)
        case (.number, _): throw .invalidType(member.name, expected: "a decimal", got: member.value)
        case (.integer, _): throw .invalidType(member.name, expected: "an integer", got: member.value)
        }
    }

    // MARK: Messages

    private static let roles = ["system", "assistant", "user", "function", "tool", "developer"]

    private static func validated(_ value: JSONValue) throws(APIError) -> [JSONValue] {
        guard case .array(let messages) = value else {
            throw .invalidType("messages", expected: "an array of objects", got: value)
        }
        guard !messages.isEmpty else { throw .emptyArray("messages") }
        for (index, message) in messages.enumerated() { try check(message, at: "messages[\(index)]") }
        return messages
    }

    private static func check(_ message: JSONValue, at path: String) throws(APIError) {
        guard case .object = message else { throw .invalidType(path, expected: "an object", got: message) }
        guard let role = message["role"] else { throw .missing("\(path).role") }
        guard case .string(let name) = role else {
            throw .invalidType("\(path).role", expected: "a string", got: role)
        }
        guard roles.contains(name) else { throw .invalidValue("\(path).role", name, supported: roles) }
        switch message["content"] {
        case .string: break
        case .array(let parts): try check(parts, at: "\(path).content")
        case nil, .null:
            let mayBeEmpty = name == "assistant" && (message["tool_calls"] != nil || message["function_call"] != nil)
            if !mayBeEmpty { throw missingContent(message["content"], at: path) }
        case let other?:
            throw .invalidType("\(path).content", expected: "one of a string or array of objects", got: other)
        }
    }

    private static func missingContent(_ content: JSONValue?, at path: String) -> APIError {
        guard let content else { return .missing("\(path).content") }
        return .invalidType("\(path).content", expected: "a string", got: content)
    }

    private static func check(_ parts: [JSONValue], at path: String) throws(APIError) {
        for (index, part) in parts.enumerated() {
            guard case .object = part else {
                throw .invalidType("\(path)[\(index)]", expected: "an object", got: part)
            }
            guard let type = part["type"] else { throw .missing("\(path)[\(index)].type") }
            if type == "text" && part["text"]?.text == nil { throw .missing("\(path)[\(index)].text") }
        }
    }
}
