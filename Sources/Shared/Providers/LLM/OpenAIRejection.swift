import Domain

/// A provider's "no", before the answer or inside it. Read for its reason first, for its status last.
struct OpenAIRejection: Equatable {
    /// The HTTP status of the answer.
    var status: Int
    var error: OpenAIError
    var advice = RetryAdvice()

    /// The failure of an answer whose status is not 200.
    var failure: Failure {
        reason ?? advised ?? (mentions(Self.overloadReasons) ? unavailable : failure(forStatus: status))
    }

    /// The failure of an error inside an answer of status 200. Its number, where it is one, stands for the status.
    var inBandFailure: Failure {
        if let reason { return reason }
        if let number = error.number, (400...599).contains(number) { return failure(forStatus: number) }
        switch error.type ?? error.code {
        case "invalid_request_error", "BadRequestError": return invalidRequest
        default: return unavailable
        }
    }

    // MARK: The provider's reason

    /// What the provider says is wrong; nil when it names no reason known here.
    private var reason: Failure? {
        if mentions(Self.quotaReasons) || status == 402 || error.number == 402 {
            return permanent("provider_quota_exhausted", "The provider's quota or credit is used up")
        }
        if mentions(Self.contextReasons) || hasContextMessage {
            return permanent("context_too_long", "The conversation is too long for the model")
        }
        if mentions(Self.contentReasons) {
            return permanent("content_filtered", "The provider's content filter refused the conversation")
        }
        if mentions(Self.credentialReasons) { return rejectedCredentials }
        if mentions(Self.modelReasons) { return modelNotFound }
        if mentions(Self.rateReasons) { return rateLimited }
        return nil
    }

    /// OpenAI's codes: https://platform.openai.com/docs/guides/error-codes. `exceeded_current_quota_error`: Moonshot.
    private static let quotaReasons: Set = [
        "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "exceeded_current_quota_error",
    ]
    /// `exceed_context_size_error`: llama.cpp, tools/server.
    private static let contextReasons: Set = [
        "context_length_exceeded", "exceed_context_size_error", "string_above_max_length",
    ]
    private static let contentReasons: Set = ["content_filter", "content_policy_violation", "invalid_prompt"]
    private static let credentialReasons: Set = [
        "invalid_api_key", "authentication_error", "permission_error", "account_deactivated",
        "unsupported_country_region_territory",
    ]
    private static let modelReasons: Set = ["model_not_found"]
    private static let rateReasons: Set = ["rate_limit_exceeded", "rate_limit_error"]
    private static let overloadReasons: Set = ["overloaded_error", "server_error", "unavailable_error"]
    private static let reasons = [
        quotaReasons, contextReasons, contentReasons, credentialReasons, modelReasons, rateReasons, overloadReasons,
    ].reduce(into: Set<String>()) { $0.formUnion($1) }

    private func mentions(_ reasons: Set<String>) -> Bool {
        [error.code, error.type].contains { $0.map(reasons.contains) ?? false }
    }

    /// vLLM and OpenRouter say it only in words, with a status for any bad request.
    private var hasContextMessage: Bool {
        guard [400, 413, 422].contains(status) || error.number == 400, let message = error.message?.lowercased() else {
            return false
        }
        return [
            "maximum context length", "context length exceeded", "exceeds the available context size",
            "context window", "prompt is too long",
        ].contains { message.contains($0) }
    }

    // MARK: The provider's advice and status

    /// `x-should-retry` decides where no reason does: https://github.com/openai/openai-python, `_should_retry`.
    private var advised: Failure? {
        guard let shouldRetry = advice.shouldRetry else { return nil }
        var failure = failure(forStatus: status)
        switch (shouldRetry, failure.kind) {
        case (true, .permanent):
            return Failure(
                .retry, code: failure.code, message: failure.message, retryAfterSeconds: advice.delaySeconds)
        case (false, .retry):
            failure.kind = .permanent
            failure.retryAfterSeconds = nil
            failure.burnsAttempt = true
            return failure
        default: return nil
        }
    }

    private func failure(forStatus status: Int) -> Failure {
        switch status {
        case 429: rateLimited
        case 408: retry("provider_timeout", "The provider did not answer in time")
        case 409, 425, 500...599: unavailable
        case 401, 403: rejectedCredentials
        case 404 where error.message?.lowercased().contains("model") ?? false: modelNotFound
        case 300..<400, 404, 405:
            permanent("provider_misconfigured", "The provider's address does not lead to its chat service")
        case 413: permanent("context_too_long", "The conversation is too long for the provider")
        case 400..<500: invalidRequest
        default: .protocolViolation
        }
    }

    // MARK: Failures

    private var rateLimited: Failure {
        var failure = retry("rate_limited", "The provider allows no more requests at the moment")
        failure.burnsAttempt = advice.delaySeconds == nil
        return failure
    }
    private var unavailable: Failure {
        retry("provider_unavailable", "The provider cannot answer at the moment")
    }
    private var rejectedCredentials: Failure {
        permanent("provider_rejected_credentials", "The provider refused the configured key")
    }
    private var modelNotFound: Failure {
        permanent("model_not_found", "The provider does not offer this model")
    }
    private var invalidRequest: Failure {
        permanent("invalid_request", "The provider refused the request as invalid")
    }

    private func permanent(_ code: String, _ sentence: String) -> Failure {
        Failure(.permanent, code: code, message: sentence + suffix)
    }

    private func retry(_ code: String, _ sentence: String) -> Failure {
        Failure(.retry, code: code, message: sentence + suffix, retryAfterSeconds: advice.delaySeconds)
    }

    /// The provider's own code, only when it is one of the known words.
    private var suffix: String {
        let known = [error.code, error.type].compactMap(\.self).first(where: Self.reasons.contains)
        return known.map { " (\($0))." } ?? "."
    }
}
