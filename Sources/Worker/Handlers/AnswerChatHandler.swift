import Domain
import FoundationEssentials
import Jobs
import Providers
import Store
import Telemetry

/// Runs `chat.answer`: asks a language model, streams what it says, and writes the answer into the conversation.
struct AnswerChatHandler: JobHandler {
    let conversations: Conversations
    let model: OpenAIChatModel
    /// The model asked when the request names none.
    let modelName: String
    let systemPrompt: String
    let window: HistoryWindow
    /// Makes the call of the model a span of its own.
    let tracer: Tracer

    func handle(_ work: AnswerChat, _ context: AttemptContext) async throws -> Completion {
        let history = try await conversations.history(of: work.conversation, upTo: work.turn, tenant: context.tenant)
        guard let history else {
            throw Failure(.permanent, code: "message_missing", message: "The message to answer is not there any more.")
        }
        let turns = try window.turns(system: systemPrompt, earlier: history.earlier, question: history.question)
        var answer = ChatAnswer(
            conversation: work.conversation, turn: work.turn, text: "", model: work.model ?? modelName,
            finishReason: nil, usage: TokenUsage(inputTokens: 0, outputTokens: 0, estimated: true))
        do {
            try await stream(turns, into: &answer, context)
        } catch  where Task.isCancelled {
            return try stopped(answer, turns, context)
        }
        return .finished(try Self.json(answer), effects: effects(answer, isPartial: false, context))
    }

    private func stream(_ turns: [ChatTurn], into answer: inout ChatAnswer, _ context: AttemptContext) async throws {
        let span = tracer.start(
            "chat \(answer.model)", .client, parent: context.trace,
            attributes: .model(answer.model, provider: "openai", streams: true))
        defer { span.end() }
        do {
            try await stream(turns, into: &answer, context, span)
        } catch {
            if let failure = error as? Failure { span.fail(failure.code, message: failure.message) }
            throw error
        }
        span.set(
            .modelAnswer(
                finishReasons: answer.finishReason.map { ["\($0)"] } ?? [], inputTokens: answer.usage.inputTokens,
                outputTokens: answer.usage.outputTokens))
    }

    private func stream(
        _ turns: [ChatTurn], into answer: inout ChatAnswer, _ context: AttemptContext, _ span: Span
    ) async throws {
        let request = ChatRequest(
            messages: turns, model: answer.model, maxOutputTokens: window.reservedTokens, temperature: nil,
            trace: span.context)
        for try await event in try await model.stream(request) {
            switch event {
            case .text(let piece):
                answer.text += piece
                try await context.events.append(piece)
            case .usage(let usage): answer.usage = usage
            case .finished(let reason): answer.finishReason = reason
            }
        }
        guard answer.finishReason != nil else {
            throw Failure(.retry, code: "stream_truncated", message: "The model's answer broke off.")
        }
    }

    /// What was said before the stop stays in the conversation, marked as partial.
    private func stopped(_ answer: ChatAnswer, _ turns: [ChatTurn], _ context: AttemptContext) throws -> Completion {
        var answer = answer
        answer.usage = TokenUsage(
            inputTokens: HistoryWindow.tokens(turns), outputTokens: HistoryWindow.tokens(answer.text), estimated: true)
        let effects = answer.text.isEmpty ? nil : effects(answer, isPartial: true, context)
        return .stopped(partial: try Self.json(answer), effects: effects)
    }

    private func effects(_ answer: ChatAnswer, isPartial: Bool, _ context: AttemptContext) -> Completion.Effects {
        { transaction in
            try await conversations.write(
                answer, isPartial: isPartial, job: context.job.id, tenant: context.tenant, in: transaction)
        }
    }

    private static func json(_ answer: ChatAnswer) throws -> [UInt8] { [UInt8](try JSONEncoder().encode(answer)) }
}
