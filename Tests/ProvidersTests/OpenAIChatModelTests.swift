import Domain
import Foundation
import HTTPTransport
import Logging
import Providers
import Testing

/// The model against the simulator, over real HTTP, fault by fault.
@Suite(.timeLimit(.minutes(1))) struct OpenAIChatModelTests {
    private let simulator: Simulator
    private let transport = HTTPTransport(
        configuration: HTTPTransportConfiguration(egress: .any), logger: Logger(label: "test"))

    init() throws {
        simulator = try Simulator.shared()
    }

    private func model(deadlines: HTTPDeadlines = OpenAIChatModel.defaultDeadlines) -> OpenAIChatModel {
        OpenAIChatModel(
            baseURL: simulator.origin + "/v1", apiKey: "sk-test", model: "configured", transport: transport,
            deadlines: deadlines)
    }

    struct Outcome: Equatable {
        var text = ""
        var usage: [TokenUsage] = []
        var finish: [FinishReason] = []
        var failure: Failure?
    }

    private func ask(
        _ text: String, model: String? = nil, maxOutputTokens: Int = 1000,
        deadlines: HTTPDeadlines = OpenAIChatModel.defaultDeadlines
    ) async -> Outcome {
        let request = ChatRequest(
            messages: [ChatTurn(.system, "Be brief."), ChatTurn(.user, text)], model: model,
            maxOutputTokens: maxOutputTokens)
        var outcome = Outcome()
        do {
            for try await event in try await self.model(deadlines: deadlines).stream(request) {
                switch event {
                case .text(let piece): outcome.text += piece
                case .usage(let usage): outcome.usage.append(usage)
                case .finished(let reason): outcome.finish.append(reason)
                }
            }
        } catch {
            outcome.failure = error as? Failure
            #expect(error is Failure, "\(error)")
        }
        return outcome
    }

    // MARK: Answers

    @Test func `an answer arrives whole, with usage and one end`() async {
        let outcome = await ask("hello Grüße 🦊 [[sim: tokens=300]]")
        let words = ["You", "said:", "hello", "Grüße", "🦊"]
        #expect(outcome.text == (0..<300).map { words[$0 % 5] }.joined(separator: " "))
        #expect(outcome.usage.count == 1)
        #expect(outcome.usage.first?.outputTokens == 300)
        #expect(outcome.usage.first?.estimated == false)
        #expect(outcome.finish == [.stop])
        #expect(outcome.failure == nil)
    }

    @Test(arguments: [
        "unknown_fields", "crlf", "comments", "usage_in_every_chunk", "null_choices",
    ])
    func `a correct answer in another form is the same answer`(fault: String) async {
        let outcome = await ask("same answer [[sim: fault=\(fault)]]")
        #expect(outcome.text == "You said: same answer")
        #expect(outcome.usage.map(\.outputTokens) == [4])
        #expect(outcome.usage.map(\.estimated) == [false])
        #expect(outcome.finish == [.stop])
        #expect(outcome.failure == nil)
    }

    @Test func `a request can name its model, and otherwise gets the configured one`() async throws {
        let mark = UUID().uuidString
        _ = await ask("first \(mark)")
        _ = await ask("second \(mark)", model: "other")
        #expect(try await simulator.requests("match=\(mark)").map(\.model) == ["configured", "other"])
    }

    @Test func `missing usage is estimated`() async {
        let outcome = await ask("no usage [[sim: fault=no_usage]]")
        #expect(outcome.usage.map(\.estimated) == [true])
        #expect(outcome.finish == [.stop])
    }

    @Test func `an answer cut by its limit or by a filter says so`() async {
        #expect(await ask("one two three four", maxOutputTokens: 3).finish == [.length])
        #expect(await ask("x [[sim: fault=length]]").finish == [.length])
        #expect(await ask("x [[sim: fault=content_filter]]").finish == [.contentFilter])
    }

    @Test func `slow answers are waited for`() async {
        let outcome = await ask("slow [[sim: first_byte_ms=150 delay_ms=30 tokens=5]]")
        #expect(outcome.text == "You said: slow You said:")
    }

    @Test func `the connection serves the next request after an answer`() async throws {
        let mark = UUID().uuidString
        for number in 1...3 { #expect(await ask("\(mark) \(number)").failure == nil) }
        #expect(transport.activeTransfers == 0)
        // The simulator marks whoever closes before the end of the answer.
        #expect(try await simulator.requests("match=\(mark)&closed=true").isEmpty)
    }

    @Test func `of a hundred answers at once each is whole or fails in its own way`() async {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                let breaks = number % 4 == 3
                group.addTask {
                    let outcome = await ask(
                        "number \(number) [[sim: tokens=40 delay_ms=2\(breaks ? " fault=cut_after:20" : "")]]")
                    let words = ["You", "said:", "number", "\(number)"]
                    let expected = (0..<(breaks ? 20 : 40)).map { words[$0 % 4] }.joined(separator: " ")
                    #expect(outcome.text == expected)
                    #expect(outcome.failure == (breaks ? .truncated : nil))
                }
            }
        }
        #expect(transport.activeTransfers == 0)
    }

    @Test func `a server that does not end its body after [DONE] is not waited for`() async throws {
        let mark = UUID().uuidString
        let outcome = await ask("\(mark) [[sim: fault=linger]]")
        #expect(outcome.finish == [.stop])
        #expect(outcome.failure == nil)
        #expect(try await simulator.closedRequests(mark).count == 1)
    }

    // MARK: Refusals

    @Test func `an error body that does not end is not waited for`() async throws {
        let mark = UUID().uuidString
        let outcome = await ask("\(mark) [[sim: fault=stuck:503]]")
        #expect(outcome.failure?.code == "provider_unavailable")
        #expect(try await simulator.closedRequests(mark).count == 1)
    }

    @Test(
        arguments: [
            ("429", Failure.Class.retry, "rate_limited", nil, true),
            ("429 retry_after=20", .retry, "rate_limited", 20, false),
            ("429 retry_after=1.5", .retry, "rate_limited", 1.5, false),
            ("429 retry_after=20 retry_after_ms=250", .retry, "rate_limited", 0.25, false),
            ("429 retry_after=600", .retry, "rate_limited", 600, false),
            ("429 retry_after=Fri,~01~Jan~2100~00:00:00~GMT", .retry, "rate_limited", 7 * 24 * 3600, false),
            ("insufficient_quota retry_after=20", .permanent, "provider_quota_exhausted", nil, true),
            ("500", .retry, "provider_unavailable", nil, true),
            ("500 should_retry=false", .permanent, "provider_unavailable", nil, true),
            ("503 retry_after=3", .retry, "provider_unavailable", 3, true),
            ("529", .retry, "provider_unavailable", nil, true),
            ("html:502", .retry, "provider_unavailable", nil, true),
            ("status:408", .retry, "provider_timeout", nil, true),
            ("status:409", .retry, "provider_unavailable", nil, true),
            ("401", .permanent, "provider_rejected_credentials", nil, true),
            ("403", .permanent, "provider_rejected_credentials", nil, true),
            ("context_length_exceeded", .permanent, "context_too_long", nil, true),
            ("model_not_found", .permanent, "model_not_found", nil, true),
            ("status:422", .permanent, "invalid_request", nil, true),
            ("hang_up", .retry, "provider_unreachable", nil, true),
        ] as [(String, Failure.Class, String, Double?, Bool)])
    func `a refusal is classified`(
        fault: String, kind: Failure.Class, code: String, delay: Double?, burnsAttempt: Bool
    ) async throws {
        let outcome = await ask("refuse [[sim: fault=\(fault)]]")
        let failure = try #require(outcome.failure)
        #expect(failure.kind == kind)
        #expect(failure.code == code)
        #expect(failure.retryAfterSeconds == delay)
        #expect(failure.burnsAttempt == burnsAttempt)
        #expect(outcome.text.isEmpty)
        #expect(outcome.finish.isEmpty)
    }

    // MARK: Broken answers

    @Test(arguments: [
        ("cut_after:4", "stream_truncated", "You said: a b"),
        ("reset_after:4 delay_ms=5", "stream_truncated", "You said: a b"),
        ("end_after:4", "stream_truncated", "You said: a b"),
        ("cut_after:0", "stream_truncated", ""),
        ("no_done", "stream_truncated", "You said: a b c"),
        ("no_finish", "stream_truncated", "You said: a b c"),
        ("broken_json_after:4", "provider_protocol", "You said: a b"),
        ("error_after:4", "provider_unavailable", "You said: a b"),
        ("error_after:4 code=rate_limit_exceeded type=requests", "rate_limited", "You said: a b"),
    ])
    func `a broken answer keeps its text and is a failure to retry`(fault: String, code: String, text: String) async {
        let outcome = await ask("a b c [[sim: fault=\(fault)]]")
        #expect(outcome.failure?.kind == .retry)
        #expect(outcome.failure?.code == code)
        #expect(outcome.text == text)
        #expect(outcome.finish.isEmpty)
        #expect(outcome.usage.isEmpty)
    }

    @Test func `an error of a hopeless kind inside the answer is permanent`() async {
        let outcome = await ask("a [[sim: fault=error_after:1 code=insufficient_quota type=insufficient_quota]]")
        #expect(outcome.failure?.kind == .permanent)
        #expect(outcome.failure?.code == "provider_quota_exhausted")
    }

    @Test func `a frame of two megabytes is refused`() async {
        let outcome = await ask("a [[sim: fault=huge_frame_after:1 bytes=2000000]]")
        #expect(outcome.failure?.code == "provider_protocol")
    }

    @Test func `an endless answer is cut off at its bound, and the provider notices`() async throws {
        let mark = String(repeating: "long", count: 500) + UUID().uuidString
        let outcome = await ask("\(mark) [[sim: fault=endless]]")
        #expect(outcome.failure?.code == "answer_too_long")
        #expect(outcome.text.utf8.count <= 1 << 20)
        #expect(try await simulator.closedRequests(String(mark.suffix(36))).count == 1)
    }

    @Test func `silence in the middle runs into the deadline`() async throws {
        let mark = UUID().uuidString
        let outcome = await ask(
            "\(mark) [[sim: fault=silence_after:3]]", deadlines: HTTPDeadlines(silence: .seconds(1)))
        #expect(outcome.failure?.code == "provider_timeout")
        #expect(outcome.failure?.kind == .retry)
        #expect(outcome.text == "You said: \(mark)")
        #expect(try await simulator.closedRequests(mark).count == 1)
    }

    @Test func `a first byte that does not come runs into the deadline`() async {
        let outcome = await ask(
            "a [[sim: first_byte_ms=5000]]", deadlines: HTTPDeadlines(firstByte: .milliseconds(200)))
        #expect(outcome.failure?.code == "provider_timeout")
    }

    @Test func `an answer longer than its total time runs into the deadline`() async {
        let outcome = await ask(
            "a [[sim: fault=endless delay_ms=10]]", deadlines: HTTPDeadlines(total: .seconds(6)))
        #expect(outcome.failure?.code == "provider_timeout")
        #expect(!outcome.text.isEmpty)
    }

    @Test func `nobody listening is unreachable`() async throws {
        let nobody = OpenAIChatModel(
            baseURL: "http://127.0.0.1:9/v1/", apiKey: nil, model: "m", transport: transport)
        await #expect(throws: Failure.unreachable) {
            _ = try await nobody.stream(ChatRequest(messages: [ChatTurn(.user, "x")], maxOutputTokens: 1))
        }
    }

    @Test func `a wrong path is a wrong configuration`() async throws {
        let wrong = OpenAIChatModel(baseURL: simulator.origin, apiKey: nil, model: "m", transport: transport)
        let failure = await #expect(throws: Failure.self) {
            _ = try await wrong.stream(ChatRequest(messages: [ChatTurn(.user, "x")], maxOutputTokens: 1))
        }
        #expect(failure?.code == "provider_misconfigured")
    }

    // MARK: Cancellation

    @Test(arguments: ["first_byte_ms=10000", "fault=silence_after:3", "fault=endless delay_ms=1"])
    func `cancelling closes the connection at once`(directive: String) async throws {
        let mark = UUID().uuidString
        let task = Task { await ask("\(mark) [[sim: \(directive)]]") }
        // The simulator has the request before it is cancelled.
        _ = try await simulator.requests("match=\(mark)&wait=10")
        let cancelled = Date().timeIntervalSince1970
        task.cancel()
        let outcome = await task.value
        #expect(outcome.failure?.kind == .cancelled)
        let seen = try await simulator.closedRequests(mark)
        #expect(seen.count == 1)
        #expect(try #require(seen.first?.clientClosedAt) - cancelled < 5)
    }

    @Test func `dropping the stream closes the connection at once`() async throws {
        let mark = UUID().uuidString
        do {
            let request = ChatRequest(
                messages: [ChatTurn(.user, "\(mark) [[sim: fault=endless delay_ms=1]]")], maxOutputTokens: 10)
            var stream = Optional(try await model().stream(request).makeAsyncIterator())
            #expect(try await stream?.next() != nil)
            stream = nil
        }
        #expect(try await simulator.closedRequests(mark).count == 1)
    }
}
