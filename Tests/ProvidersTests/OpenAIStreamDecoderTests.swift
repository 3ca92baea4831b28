import Domain
import Testing

@testable import Providers

@Suite struct OpenAIStreamDecoderTests {
    private static let request = ChatRequest(messages: [ChatTurn(.user, "Hello there")], maxOutputTokens: 100)

    private static func chunk(_ text: String, finish: String = "null", extra: String = "") -> String {
        #"data: {"id":"c","choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":\#(finish)}]\#(extra)}"#
            + "\n\n"
    }
    private static let finish =
        #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"# + "\n\n"
    private static let usage =
        #"data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"#
        + #""prompt_tokens_details":{"cached_tokens":4}}}"# + "\n\n"
    private static let done = "data: [DONE]\n\n"
    private static let counted = TokenUsage(inputTokens: 9, outputTokens: 2, cachedInputTokens: 4)

    private struct Outcome: Equatable {
        var events: [ChatEvent] = []
        var failure: Failure?
    }

    /// Everything that comes of the bytes, fed in the given pieces and then ended.
    private func decode(_ pieces: [[UInt8]]) -> Outcome {
        var decoder = OpenAIStreamDecoder(request: Self.request)
        var outcome = Outcome()
        for piece in pieces { outcome.events += decoder.feed(piece) }
        outcome.failure = decoder.isComplete ? nil : decoder.failureAtEnd
        return outcome
    }

    private func decode(_ text: String) -> Outcome { decode([Array(text.utf8)]) }

    /// The outcome of the bytes in one piece, after checking that it is the same in two pieces, cut at every place,
    /// and byte by byte.
    private func decodeAtEveryBoundary(_ text: String) -> Outcome {
        let bytes = Array(text.utf8)
        let whole = decode([bytes])
        for cut in bytes.indices {
            #expect(decode([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
        #expect(decode(bytes.map { [$0] }) == whole, "byte by byte")
        return whole
    }

    @Test func `a whole answer gives its text, then usage, then its end`() {
        let role = #"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#
        let outcome = decodeAtEveryBoundary(
            role + "\n\n" + Self.chunk("Grüße ") + Self.chunk("🦊日本") + Self.finish + Self.usage + Self.done)
        let expected: [ChatEvent] = [.text("Grüße "), .text("🦊日本"), .usage(Self.counted), .finished(.stop)]
        #expect(outcome == Outcome(events: expected))
    }

    @Test func `CRLF, comments, event names, empty data and unknown members change nothing`() {
        let plain = Self.chunk("a", extra: #","obfuscation":"xx","provider":{"a":[1]},"error":null"#)
        let text =
            ": OPENROUTER PROCESSING\n\n:\n\ndata:\n\nevent: message\nretry: 10\n" + plain + Self.chunk("b")
            + Self.finish + Self.usage + Self.done
        let outcome = decodeAtEveryBoundary(text.replacing("\n", with: "\r\n"))
        #expect(outcome == Outcome(events: [.text("a"), .text("b"), .usage(Self.counted), .finished(.stop)]))
    }

    @Test func `null choices, other choices, null and absent members are passed over`() {
        let text =
            #"data: {"choices":null}"# + "\n\n" + #"data: {}"# + "\n\n"
            + #"data: {"choices":[{"index":1,"delta":{"content":"b"}},{"delta":{"content":"a","tool_calls":null}}]}"#
            + "\n\n" + #"data: {"choices":[{"index":0,"delta":null,"finish_reason":""}]}"# + "\n\n"
            + Self.finish + Self.usage + Self.done
        #expect(decode(text) == Outcome(events: [.text("a"), .usage(Self.counted), .finished(.stop)]))
    }

    /// Recorded from llama.cpp (xllamacpp 2026.10), shortened in the model's name only.
    @Test func `llama cpp's stream is read as it is`() {
        let head =
            #""created":1795267180,"id":"chatcmpl-Dk4l","model":"m","system_fingerprint":"b0-unknown","#
            + #""object":"chat.completion.chunk""#
        let text =
            #"data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"#
            + head + "}\n\n"
            + #"data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"You"}}],"# + head + "}\n\n"
            + #"data: {"choices":[{"finish_reason":"length","index":0,"delta":{}}],"# + head + "}\n\n"
            + #"data: {"choices":[],"# + head
            + #","usage":{"completion_tokens":4,"prompt_tokens":33,"total_tokens":37,"prompt_tokens_details":"#
            + #"{"cached_tokens":0}},"timings":{"cache_n":0,"prompt_n":33,"prompt_ms":5658.773}}"# + "\n\n"
            + Self.done
        let usage = TokenUsage(inputTokens: 33, outputTokens: 4)
        #expect(decodeAtEveryBoundary(text) == Outcome(events: [.text("You"), .usage(usage), .finished(.length)]))
    }

    @Test func `a refusal is text`() {
        let refusal = #"data: {"choices":[{"index":0,"delta":{"refusal":"I can't."}}]}"# + "\n\n"
        let events = decode(refusal + Self.finish + Self.usage + Self.done).events
        #expect(events.first == .text("I can't."))
    }

    @Test func `missing usage is estimated and says so`() {
        let outcome = decode(Self.chunk("hello") + Self.finish + Self.done)
        let estimate = TokenUsage(inputTokens: 9, outputTokens: 2, estimated: true)
        #expect(outcome == Outcome(events: [.text("hello"), .usage(estimate), .finished(.stop)]))
    }

    @Test func `of usage in every chunk the last counts`() {
        let growing = Self.chunk("a", extra: #","usage":{"prompt_tokens":9,"completion_tokens":1}"#)
        let outcome = decode(growing + Self.finish + Self.usage + Self.done)
        #expect(outcome.events == [.text("a"), .usage(Self.counted), .finished(.stop)])
    }

    @Test(arguments: [
        ("stop", FinishReason.stop), ("length", .length), ("tool_calls", .toolCalls), ("function_call", .toolCalls),
        ("content_filter", .contentFilter), ("eos", .stop),
    ])
    func `a finish reason is normalised`(word: String, reason: FinishReason) {
        let outcome = decode(Self.chunk("a", finish: "\"\(word)\"") + Self.done)
        #expect(outcome.events.last == .finished(reason))
    }

    @Test func `what follows [DONE] is ignored`() {
        let outcome = decode(Self.chunk("a") + Self.finish + Self.usage + Self.done + Self.chunk("b") + "data: {\n\n")
        #expect(outcome == Outcome(events: [.text("a"), .usage(Self.counted), .finished(.stop)]))
    }

    // MARK: Broken answers

    @Test func `every beginning of an answer is a truncated one`() {
        let text = Self.chunk("a") + Self.finish + Self.usage + Self.done
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            #expect(decode([Array(bytes[..<length])]).failure == .truncated, "\(length) bytes")
        }
        #expect(decode([bytes]).failure == nil)
    }

    @Test func `[DONE] without a finish reason is truncated, and text before it stands`() {
        let outcome = decodeAtEveryBoundary(Self.chunk("a") + Self.done)
        #expect(outcome == Outcome(events: [.text("a")], failure: .truncated))
    }

    @Test(arguments: ["error", "abort"])
    func `a server that gives up has not answered`(word: String) {
        #expect(decode(Self.chunk("a", finish: "\"\(word)\"") + Self.done).failure == .truncated)
    }

    @Test(arguments: [#"{"choices":[{"ind"#, "5", "[]", "null", "Internal Server Error", #"{"choices":7}"#])
    func `a frame that cannot be read breaks the answer, and text before it stands`(data: String) {
        let outcome = decodeAtEveryBoundary(Self.chunk("a") + "data: \(data)\n\n" + Self.finish + Self.done)
        #expect(outcome == Outcome(events: [.text("a")], failure: .protocolViolation))
    }

    @Test func `an error inside the stream is classified, and text before it stands`() {
        let error = #"data: {"error":{"message":"x","type":"server_error","code":null}}"# + "\n\n"
        let outcome = decodeAtEveryBoundary(Self.chunk("a") + error)
        #expect(outcome.events == [.text("a")])
        #expect(outcome.failure?.code == "provider_unavailable")
    }

    @Test(arguments: [#"{"message":"x","code":"rate_limit_exceeded"}"#, #"{"error":{"code":429}}"#])
    func `an event named error is an error in whatever form`(data: String) {
        #expect(decode("event: error\ndata: \(data)\n\n").failure?.code == "rate_limited")
    }

    @Test func `OpenRouter's error chunk with choices is an error`() {
        let data =
            #"{"id":"x","error":{"code":502,"message":"x"},"choices":[{"index":0,"delta":{"content":""},"#
            + #""finish_reason":"error"}]}"#
        #expect(decode(Self.chunk("a") + "data: \(data)\n\n").failure?.code == "provider_unavailable")
    }

    @Test func `a frame beyond its bound breaks the answer`() {
        let outcome = decode([Array(Self.chunk(String(repeating: "x", count: (1 << 20) + 1)).utf8)])
        #expect(outcome == Outcome(failure: .protocolViolation))
    }

    @Test func `a frame that never ends is not collected beyond its bound`() {
        var decoder = OpenAIStreamDecoder(request: Self.request)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 64 * 1024)
        for _ in 0..<17 { _ = decoder.feed(piece) }
        #expect(decoder.failure == .protocolViolation)
    }

    @Test func `an answer beyond its bound is cut off`() {
        var decoder = OpenAIStreamDecoder(request: Self.request)
        let frame = Array(Self.chunk(String(repeating: "x", count: 64 * 1024)).utf8)
        for _ in 0..<16 { #expect(decoder.feed(frame).count == 1) }
        #expect(decoder.failure == nil)
        #expect(decoder.feed(frame).isEmpty)
        #expect(decoder.failure?.code == "answer_too_long")
    }
}
