import Domain
import FoundationEssentials
import HTTPTransport

/// Turns the bytes of a streamed answer into events. Pure; where the chunks are cut makes no difference.
///
/// An answer is complete when it had a finish_reason and then `[DONE]`. Both, because each alone is also what a proxy
/// or a dying server leaves behind, and because all servers this is meant for send both: OpenAI, llama.cpp, Ollama,
/// vLLM, OpenRouter. Usage and the end are reported at `[DONE]`, since usage comes after the finish_reason.
struct OpenAIStreamDecoder: Sendable {
    /// What is wrong with the answer; set at most once, and nothing is decoded after it. Events returned before, by
    /// the same call too, stand.
    private(set) var failure: Failure?
    /// `[DONE]` has come, and before it everything that belongs before it.
    private(set) var isComplete = false

    private static let maxTextBytes = 1 << 20
    private static let maxFrameBytes = 1 << 20

    private var frames = ServerSentEventDecoder(maxEventBytes: Self.maxFrameBytes)
    private let turns: [ChatTurn]
    private var textBytes = 0
    private var usage: TokenUsage?
    private var finishReason: FinishReason?

    init(request: ChatRequest) {
        turns = request.messages
    }

    /// The events that `bytes` complete; none once the answer is complete or has failed.
    mutating func feed(_ bytes: [UInt8]) -> [ChatEvent] {
        guard failure == nil, !isComplete else { return [] }
        var events: [ChatEvent] = []
        do {
            for frame in try frames.feed(bytes) {
                try take(frame, into: &events)
                if isComplete { break }
            }
        } catch {
            failure = error as? Failure ?? .protocolViolation
        }
        return events
    }

    /// The failure of an answer whose bytes end here, before it is complete.
    var failureAtEnd: Failure { failure ?? .truncated }

    // MARK: Frames

    private mutating func take(_ frame: ServerSentEvent, into events: inout [ChatEvent]) throws(Failure) {
        let data = Array(frame.data.utf8)
        if frame.event == "error" {
            throw OpenAIRejection(status: 200, error: OpenAIError(body: data)).inBandFailure
        }
        if frame.data.hasPrefix("[DONE]") { return try end(into: &events) }
        // OpenAI pads nothing, but an empty data line is some servers' keep-alive.
        if data.allSatisfy({ $0 == UInt8(ascii: " ") }) { return }
        guard let chunk = try? JSONDecoder().decode(OpenAIChunk.self, from: Data(data)) else {
            throw .protocolViolation
        }
        try take(chunk, into: &events)
    }

    private mutating func take(_ chunk: OpenAIChunk, into events: inout [ChatEvent]) throws(Failure) {
        if let error = chunk.error { throw OpenAIRejection(status: 200, error: error).inBandFailure }
        // Servers that count in every chunk count from the beginning: the last figure holds.
        usage = chunk.usage?.tokenUsage ?? usage
        for choice in chunk.choices ?? [] where choice.index ?? 0 == 0 {
            try append(choice.delta?.content, to: &events)
            try append(choice.delta?.refusal, to: &events)
            switch choice.end {
            case nil: break
            case .reason(let reason): finishReason = reason
            case .givenUp: throw .truncated
            }
        }
    }

    private mutating func append(_ text: String?, to events: inout [ChatEvent]) throws(Failure) {
        guard let text, !text.isEmpty else { return }
        textBytes += text.utf8.count
        guard textBytes <= Self.maxTextBytes else {
            throw Failure(
                .permanent, code: "answer_too_long", message: "The model's answer is longer than this service takes.")
        }
        events.append(.text(text))
    }

    private mutating func end(into events: inout [ChatEvent]) throws(Failure) {
        guard let finishReason else { throw .truncated }
        isComplete = true
        events.append(.usage(usage ?? estimate))
        events.append(.finished(finishReason))
    }

    private var estimate: TokenUsage {
        TokenUsage(
            inputTokens: HistoryWindow.tokens(turns), outputTokens: (textBytes + 2) / 3, estimated: true)
    }
}
