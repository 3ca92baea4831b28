import Domain
import Foundation
import HTTPTransport
import Logging
import Providers
import Testing

private enum RealModel {
    static let environment = ProcessInfo.processInfo.environment
    static let baseURL = environment["TEST_LLM_BASE_URL"]
    static let apiKey = environment["TEST_LLM_API_KEY"]
    static let name = environment["TEST_LLM_MODEL"] ?? "default"
}

/// The model against a real server, such as llama.cpp: runs when TEST_LLM_BASE_URL names one (TEST_LLM_API_KEY when
/// it checks keys, TEST_LLM_MODEL when it has several). Says nothing about the words: they differ between builds.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: RealModel.baseURL != nil, "TEST_LLM_BASE_URL is not set"))
struct RealModelTests {
    private let transport = HTTPTransport(
        configuration: HTTPTransportConfiguration(egress: .any), logger: Logger(label: "test"))

    private func model(apiKey: String? = nil) throws -> OpenAIChatModel {
        OpenAIChatModel(
            baseURL: try #require(RealModel.baseURL), apiKey: apiKey ?? RealModel.apiKey, model: RealModel.name,
            transport: transport)
    }

    private func events(_ question: String, maxOutputTokens: Int) async throws -> [ChatEvent] {
        let request = ChatRequest(
            messages: [ChatTurn(.system, "You are brief."), ChatTurn(.user, question)],
            maxOutputTokens: maxOutputTokens, temperature: 0)
        return try await model().stream(request).reduce(into: []) { $0.append($1) }
    }

    @Test func `it answers in pieces, counts its tokens and ends`() async throws {
        let events = try await events("Name three colours.", maxOutputTokens: 24)
        let pieces = events.compactMap { if case .text(let text) = $0 { text } else { nil } }
        #expect(pieces.count > 1)
        #expect(!pieces.joined().isEmpty)
        guard case .usage(let usage) = events.dropLast().last, case .finished(let reason) = events.last else {
            Issue.record("ends with \(events.suffix(2))")
            return
        }
        #expect(usage.inputTokens > 5)
        #expect((1...24).contains(usage.outputTokens))
        #expect(!usage.estimated)
        #expect([.stop, .length].contains(reason))
    }

    @Test func `an answer that reaches its limit finishes with length`() async throws {
        let events = try await events("Tell me a long story about a fox.", maxOutputTokens: 5)
        #expect(events.last == .finished(.length))
    }

    @Test func `the connection serves one answer after the other, and many at once`() async throws {
        try await withThrowingTaskGroup(of: [ChatEvent].self) { group in
            for number in 1...4 {
                group.addTask { try await events("Say the number \(number).", maxOutputTokens: 4) }
            }
            for try await events in group { #expect(events.count > 2) }
        }
        #expect(transport.activeTransfers == 0)
    }

    @Test func `a conversation longer than the model's context is refused as too long`() async throws {
        let failure = await #expect(throws: Failure.self) {
            _ = try await events(String(repeating: "word ", count: 200_000), maxOutputTokens: 4)
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.code == "context_too_long")
    }

    @Test func `cancelling ends the answer`() async throws {
        let request = ChatRequest(messages: [ChatTurn(.user, "Count to one hundred.")], maxOutputTokens: 500)
        var iterator = try await model().stream(request).makeAsyncIterator()
        #expect(try await iterator.next() != nil)
        let task = Task { [iterator] in
            var rest = iterator
            while try await rest.next() != nil {}
        }
        task.cancel()
        let failure = await #expect(throws: Failure.self) { try await task.value }
        #expect(failure?.kind == .cancelled)
    }

    @Test(.enabled(if: RealModel.apiKey != nil))
    func `a wrong key is refused`() async throws {
        let failure = await #expect(throws: Failure.self) {
            _ = try await model(apiKey: "sk-wrong").stream(
                ChatRequest(messages: [ChatTurn(.user, "x")], maxOutputTokens: 1))
        }
        #expect(failure?.code == "provider_rejected_credentials")
    }
}
