import FoundationEssentials

/// An error in the forms that OpenAI-compatible servers give it:
/// - OpenAI, llama.cpp, OpenRouter: `{"error":{"message","type","param","code"}}`, where `code` may be a number
/// - Ollama: `{"error":"…"}`
/// - vLLM: `{"object":"error","message","type","code":400}`
/// - Gemini's compatible endpoint: the first form inside an array
///
/// The message is read to recognise reasons that have no code of their own. It never leaves this module.
struct OpenAIError: Decodable, Equatable {
    var code: String?
    /// A `code` that is a number, or a number in quotes; llama.cpp, vLLM and OpenRouter put the HTTP status there.
    var number: Int?
    var type: String?
    var message: String?

    var isEmpty: Bool { self == OpenAIError() }

    init(code: String? = nil, number: Int? = nil, type: String? = nil, message: String? = nil) {
        self.code = code
        self.number = number
        self.type = type
        self.message = message
    }

    /// Never fails: what cannot be read, such as a proxy's HTML page, is an empty error.
    init(body: [UInt8]) {
        self = (try? JSONDecoder().decode(Body.self, from: Data(body)))?.error ?? OpenAIError()
    }

    private enum CodingKeys: String, CodingKey { case code, type, message }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self.init(message: text)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let text = try? container.decodeIfPresent(String.self, forKey: .code)
        self.init(
            code: text, number: (try? container.decodeIfPresent(Int.self, forKey: .code)) ?? text.flatMap { Int($0) },
            type: try? container.decodeIfPresent(String.self, forKey: .type),
            message: try? container.decodeIfPresent(String.self, forKey: .message))
    }

    private struct Body: Decodable {
        var error: OpenAIError

        private enum CodingKeys: String, CodingKey { case error }

        init(from decoder: any Decoder) throws {
            if var list = try? decoder.unkeyedContainer() {
                self = try list.decode(Body.self)
            } else {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                error = try container.decodeIfPresent(OpenAIError.self, forKey: .error) ?? OpenAIError(from: decoder)
            }
        }
    }
}
