import Domain
import Testing

@testable import Providers

@Suite struct OpenAIRejectionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int
        var body: String
        var advice = RetryAdvice()
        var kind: Failure.Class
        var code: String
        var delay: Double?
        var burnsAttempt = true

        var testDescription: String { "\(status) \(body.prefix(60)) -> \(code)" }
    }

    private static func error(_ code: String?, type: String = "invalid_request_error", message: String = "m") -> String
    {
        let code = code.map { "\"\($0)\"" } ?? "null"
        return #"{"error":{"message":"\#(message)","type":"\#(type)","param":null,"code":\#(code)}}"#
    }

    private static let soon = RetryAdvice(delaySeconds: 20)
    private static let never = RetryAdvice(shouldRetry: false, delaySeconds: 20)

    static let cases: [Case] = [
        // 429: the reason, then the delay
        Case(status: 429, body: error("rate_limit_exceeded", type: "requests"), kind: .retry, code: "rate_limited"),
        Case(
            status: 429, body: error("rate_limit_exceeded", type: "tokens"), advice: soon, kind: .retry,
            code: "rate_limited", delay: 20, burnsAttempt: false),
        Case(
            status: 429, body: "<html>slow down</html>", advice: RetryAdvice(delaySeconds: 3600), kind: .retry,
            code: "rate_limited", delay: 3600, burnsAttempt: false),
        Case(
            status: 429, body: error("insufficient_quota", type: "insufficient_quota"), advice: soon,
            kind: .permanent, code: "provider_quota_exhausted"),
        Case(
            status: 429, body: error("insufficient_quota"), advice: RetryAdvice(shouldRetry: true),
            kind: .permanent, code: "provider_quota_exhausted"),
        Case(status: 429, body: "", advice: never, kind: .permanent, code: "rate_limited"),
        Case(
            status: 402, body: #"{"error":{"code":402,"message":"Insufficient credits"}}"#, kind: .permanent,
            code: "provider_quota_exhausted"),
        // Out of order for a while
        Case(status: 500, body: error(nil, type: "server_error"), kind: .retry, code: "provider_unavailable"),
        Case(
            status: 500, body: error(nil, type: "server_error"), advice: never, kind: .permanent,
            code: "provider_unavailable"),
        Case(status: 502, body: "<html>Bad Gateway</html>", kind: .retry, code: "provider_unavailable"),
        Case(status: 503, body: "", advice: soon, kind: .retry, code: "provider_unavailable", delay: 20),
        Case(
            status: 503, body: #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            kind: .retry, code: "provider_unavailable"),
        Case(status: 529, body: error(nil, type: "overloaded_error"), kind: .retry, code: "provider_unavailable"),
        Case(status: 409, body: "", kind: .retry, code: "provider_unavailable"),
        Case(status: 408, body: "", kind: .retry, code: "provider_timeout"),
        // Whoever configured it must act
        Case(status: 401, body: error("invalid_api_key"), kind: .permanent, code: "provider_rejected_credentials"),
        Case(status: 401, body: "", kind: .permanent, code: "provider_rejected_credentials"),
        Case(status: 403, body: "{}", kind: .permanent, code: "provider_rejected_credentials"),
        Case(status: 404, body: error("model_not_found"), kind: .permanent, code: "model_not_found"),
        Case(
            status: 404, body: #"{"error":{"message":"model \"nope\" not found, try pulling it first"}}"#,
            kind: .permanent, code: "model_not_found"),
        Case(
            status: 404, body: #"{"object":"error","message":"The model `x` does not exist.","code":404}"#,
            kind: .permanent, code: "model_not_found"),
        Case(status: 404, body: "404 page not found", kind: .permanent, code: "provider_misconfigured"),
        Case(status: 301, body: "", kind: .permanent, code: "provider_misconfigured"),
        Case(status: 204, body: "", kind: .retry, code: "provider_protocol"),
        // The request itself
        Case(status: 400, body: error("context_length_exceeded"), kind: .permanent, code: "context_too_long"),
        Case(
            status: 400,
            body: #"{"error":{"code":400,"message":"too big","type":"exceed_context_size_error","n_ctx":2048}}"#,
            kind: .permanent, code: "context_too_long"),
        Case(
            status: 400,
            body: #"{"object":"error","message":"This model's maximum context length is 2048 tokens.","#
                + #""type":"BadRequestError","param":null,"code":400}"#,
            kind: .permanent, code: "context_too_long"),
        Case(status: 413, body: "", kind: .permanent, code: "context_too_long"),
        Case(status: 400, body: error("content_filter"), kind: .permanent, code: "content_filtered"),
        Case(status: 400, body: error("unknown_parameter"), kind: .permanent, code: "invalid_request"),
        Case(
            status: 400, body: #"[{"error":{"code":400,"message":"bad"}}]"#, kind: .permanent, code: "invalid_request"),
        Case(status: 422, body: #"{"detail":[{"loc":["body"]}]}"#, kind: .permanent, code: "invalid_request"),
        Case(
            status: 418, body: "", advice: RetryAdvice(shouldRetry: true, delaySeconds: 2), kind: .retry,
            code: "invalid_request", delay: 2),
    ]

    @Test(arguments: cases)
    func `an error answer is classified by its reason, its advice, its status`(row: Case) {
        let rejection = OpenAIRejection(
            status: row.status, error: OpenAIError(body: Array(row.body.utf8)), advice: row.advice)
        let failure = rejection.failure
        #expect(failure.kind == row.kind)
        #expect(failure.code == row.code)
        #expect(failure.retryAfterSeconds == row.delay)
        #expect(failure.burnsAttempt == row.burnsAttempt)
    }

    @Test(arguments: [
        (#"{"error":{"message":"x","type":"server_error","code":null}}"#, Failure.Class.retry, "provider_unavailable"),
        (#"{"error":{"message":"x","type":"requests","code":"rate_limit_exceeded"}}"#, .retry, "rate_limited"),
        (#"{"error":{"code":429,"message":"x"}}"#, .retry, "rate_limited"),
        (#"{"error":{"code":502,"message":"x"}}"#, .retry, "provider_unavailable"),
        (#"{"error":{"code":"502","message":"x"}}"#, .retry, "provider_unavailable"),
        (#"{"error":{"code":401,"message":"x"}}"#, .permanent, "provider_rejected_credentials"),
        (#"{"error":{"code":402,"message":"x"}}"#, .permanent, "provider_quota_exhausted"),
        (#"{"error":{"message":"x","code":"context_length_exceeded"}}"#, .permanent, "context_too_long"),
        (#"{"error":{"message":"x","type":"invalid_request_error"}}"#, .permanent, "invalid_request"),
        (#"{"error":"model runner has unexpectedly stopped"}"#, .retry, "provider_unavailable"),
        (#"{"error":{}}"#, .retry, "provider_unavailable"),
    ])
    func `an error inside a stream is classified by its type and code`(body: String, kind: Failure.Class, code: String)
    {
        let failure = OpenAIRejection(status: 200, error: OpenAIError(body: Array(body.utf8))).inBandFailure
        #expect(failure.kind == kind)
        #expect(failure.code == code)
    }

    @Test func `nothing of the provider's own text reaches the failure, only codes known here`() {
        let body = #"{"error":{"message":"key sk-secret-1 is bad","type":"sk-secret-2","code":"sk-secret-3"}}"#
        for status in [400, 401, 404, 429, 500] {
            let failure = OpenAIRejection(status: status, error: OpenAIError(body: Array(body.utf8))).failure
            #expect(!"\(failure)".contains("secret"))
        }
        let known = OpenAIError(code: "invalid_api_key", type: "sk-secret", message: "sk-secret")
        let message = OpenAIRejection(status: 401, error: known).failure.message
        #expect(message == "The provider refused the configured key (invalid_api_key).")
    }
}
