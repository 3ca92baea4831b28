import Hummingbird

extension APIError {
    func response(extra: HTTPFields = [:]) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        for field in extra { headers.append(field) }
        return Response(
            status: .init(code: status), headers: headers, body: .init(byteBuffer: .init(string: body.rendered)))
    }
}

extension Behaviour {
    /// The answer of a fault that replaces the whole answer; nil for other faults.
    func errorResponse(model: String) -> Response? {
        if case .html(let status) = fault {
            let page = "<html><head><title>\(status)</title></head><body><h1>\(status)</h1>nginx</body></html>\n"
            var headers = retryHeaders
            headers[.contentType] = "text/html"
            return Response(
                status: .init(code: status), headers: headers, body: .init(byteBuffer: .init(string: page)))
        }
        guard var error = error(model: model) else { return nil }
        if let code { error.code = code }
        if let type { error.type = type }
        return error.response(extra: retryHeaders)
    }

    private func error(model: String) -> APIError? {
        switch fault {
        case .rateLimited: .rateLimited(model: model)
        case .insufficientQuota: .insufficientQuota
        case .serverError: .serverFault
        case .unavailable: .unavailable
        case .overloaded: .overloaded
        case .unauthorized: .incorrectKey("sk-simulator-key")
        case .forbidden: .forbidden
        case .contextLength: .contextLengthExceeded
        case .modelNotFound: .modelNotFound(model)
        case .status(let status): APIError(status: status, message: "Simulated status \(status)", type: "simulated")
        default: nil
        }
    }

    private var retryHeaders: HTTPFields {
        var headers = HTTPFields()
        if let retryAfter { headers[.retryAfter] = retryAfter }
        if let retryAfterMilliseconds { headers[.init("retry-after-ms")!] = retryAfterMilliseconds }
        if let shouldRetry { headers[.init("x-should-retry")!] = shouldRetry }
        return headers
    }
}

extension Request {
    /// Whether the request is for the simulation of OpenAI.
    fileprivate var isForOpenAI: Bool {
        uri.path.split(separator: "/").first.map { ProviderKind(rawValue: String($0)) == nil && $0 != "_simulator" }
            ?? true
    }
}

/// Adds the headers that OpenAI sends with every answer, errors included.
struct OpenAIHeaders: RouterMiddleware {
    func handle(
        _ request: Request, context: SimulatorContext,
        next: (Request, SimulatorContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response = try await next(request, context)
        guard request.isForOpenAI else { return response }
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        let id = String(UInt64.random(in: 0 ... .max), radix: 16) + String(UInt64.random(in: 0 ... .max), radix: 16)
        let fields = [
            "x-request-id": "req_\(id)", "openai-version": "2020-10-01", "openai-organization": "org-simulator",
            "openai-processing-ms": String(max(1, Int(milliseconds))),
            "x-ratelimit-limit-requests": "10000", "x-ratelimit-remaining-requests": "9999",
            "x-ratelimit-reset-requests": "6ms", "x-ratelimit-limit-tokens": "2000000",
            "x-ratelimit-remaining-tokens": "1999000", "x-ratelimit-reset-tokens": "30ms",
        ]
        for (name, value) in fields { response.headers[.init(name)!] = value }
        return response
    }
}

/// Answers what no route takes, in OpenAI's shape.
struct UnknownURLs: RouterMiddleware {
    func handle(
        _ request: Request, context: SimulatorContext,
        next: (Request, SimulatorContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && request.isForOpenAI {
            let isKnown = request.uri.path == "/v1/chat/completions"
            let error: APIError =
                isKnown
                ? .methodNotSupported(request.method.rawValue, request.uri.path)
                : .unknownURL(request.method.rawValue, request.uri.path)
            return error.response()
        }
    }
}
