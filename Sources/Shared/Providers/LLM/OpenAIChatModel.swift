import Domain
package import FoundationEssentials
package import HTTPTransport

/// Any server that speaks OpenAI's chat completions: OpenAI, llama.cpp, Ollama, vLLM, OpenRouter and others.
/// https://platform.openai.com/docs/api-reference/chat
package struct OpenAIChatModel: ChatModel {
    private let endpoint: String
    private let apiKey: String?
    private let model: String
    private let outputLimit: OutputLimit
    private let deadlines: HTTPDeadlines
    private let transport: HTTPTransport
    private let now: @Sendable () -> Date

    /// The member that carries `ChatRequest.maxOutputTokens`. OpenAI's reasoning models refuse the old name, Ollama
    /// knows no other.
    package enum OutputLimit: String, Sendable {
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// Patient with a provider that thinks before its first byte: a local one also queues there whom it cannot serve
    /// at once.
    package static let defaultDeadlines = HTTPDeadlines(
        connect: .seconds(5), firstByte: .seconds(300), silence: .seconds(60), total: .seconds(600))

    /// - Parameters:
    ///   - baseURL: up to and including the version, such as `http://127.0.0.1:8081/v1`; a final slash is ignored.
    ///   - apiKey: sent as bearer token; nil or empty sends none.
    ///   - model: asked for when a request names none.
    ///   - outputLimit: nil chooses by the host: the new name for OpenAI and Azure, the old one for everybody else.
    ///   - now: the clock against which a `retry-after` date is read.
    package init(
        baseURL: String, apiKey: String?, model: String, transport: HTTPTransport, outputLimit: OutputLimit? = nil,
        deadlines: HTTPDeadlines = OpenAIChatModel.defaultDeadlines, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        let base = baseURL.last == "/" ? String(baseURL.dropLast()) : baseURL
        self.endpoint = base + "/chat/completions"
        self.apiKey = apiKey.flatMap { $0.isEmpty ? nil : $0 }
        self.model = model
        self.outputLimit = outputLimit ?? Self.outputLimit(for: base)
        self.deadlines = deadlines
        self.transport = transport
        self.now = now
    }

    package func stream(_ request: ChatRequest) async throws -> ChatStream {
        let response = try await send(request)
        guard response.status == 200 else { throw await rejection(response).failure }
        guard Self.isEventStream(response) else { throw await failure(ofPlainAnswer: response) }
        return ChatStream(body: response.body, decoder: OpenAIStreamDecoder(request: request))
    }

    private func send(_ request: ChatRequest) async throws(Failure) -> HTTPResponse {
        var headers = [("Content-Type", "application/json"), ("Accept", "text/event-stream")]
        if let apiKey { headers.append(("Authorization", "Bearer \(apiKey)")) }
        if let trace = request.trace { headers += trace.headers.map { ($0.name, $0.value) } }
        do {
            let body = try OpenAIRequestBody(request, model: request.model ?? model, outputLimit: outputLimit).json()
            // Asking a model twice changes nothing at the provider: a stale kept-alive connection may be replaced.
            return try await transport.send(
                HTTPRequest(
                    method: "POST", url: endpoint, headers: headers, body: body, deadlines: deadlines,
                    isRepeatable: true))
        } catch let error as HTTPTransportError {
            throw Failure(error, hasAnswer: false)
        } catch is EncodingError {
            throw Failure(.permanent, code: "invalid_request", message: "The request could not be written as JSON.")
        } catch {
            throw Failure(.cancelled, code: "cancelled", message: "The request to the provider was cancelled.")
        }
    }

    // MARK: Answers that are no stream

    private func rejection(_ response: HTTPResponse) async -> OpenAIRejection {
        let body = await response.body.beginning(upTo: 64 * 1024, within: .seconds(2))
        return OpenAIRejection(
            status: response.status, error: OpenAIError(body: body),
            advice: RetryAdvice(headers: response.headers, now: now()))
    }

    /// Some gateways report an error with status 200 and a JSON body.
    private func failure(ofPlainAnswer response: HTTPResponse) async -> Failure {
        let rejection = await rejection(response)
        return rejection.error.isEmpty ? .protocolViolation : rejection.inBandFailure
    }

    /// A server that names no type gets the benefit of the doubt.
    private static func isEventStream(_ response: HTTPResponse) -> Bool {
        guard let type = response.headers.first("content-type") else { return true }
        return type.lowercased().hasPrefix("text/event-stream")
    }

    private static func outputLimit(for baseURL: String) -> OutputLimit {
        let host = URL(string: baseURL)?.host()?.lowercased() ?? ""
        let isOpenAI = host == "api.openai.com" || host.hasSuffix(".openai.azure.com")
        return isOpenAI ? .maxCompletionTokens : .maxTokens
    }
}
