import Hummingbird

/// An error in OpenAI's shape: `{"error":{"message","type","param","code"}}` with its HTTP status.
/// Texts and codes as in OpenAI's API reference and as the API answers.
struct APIError: Error, Sendable {
    var status: Int
    var message: String
    var type = "invalid_request_error"
    var param: String?
    var code: String?

    var body: JSONValue {
        .members([
            "error": .members([
                "message": .string(message), "type": .string(type),
                "param": param.map(JSONValue.string) ?? .null, "code": code.map(JSONValue.string) ?? .null,
            ])
        ])
    }
}

extension APIError {
    static let unparsableBody = APIError(
        status: 400,
        message: "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your "
            + "HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)")
    static let missingModel = APIError(status: 400, message: "you must provide a model parameter")
    static let missingKey = APIError(
        status: 401,
        message: "You didn't provide an API key. You need to provide your API key in an Authorization header using "
            + "Bearer auth (i.e. Authorization: Bearer YOUR_KEY).")
    static func unreadable(_ setting: String) -> APIError {
        APIError(status: 400, message: "Simulator: cannot read the setting \(setting)", code: "simulator_setting")
    }
    static let bodyTooLarge = APIError(status: 413, message: "Request body too large.")

    static func incorrectKey(_ key: String) -> APIError {
        let shown = key.count > 8 ? "\(key.prefix(4))***\(key.suffix(4))" : "***"
        return APIError(
            status: 401,
            message: "Incorrect API key provided: \(shown). You can find your API key at "
                + "https://platform.openai.com/account/api-keys.", code: "invalid_api_key")
    }

    static func modelNotFound(_ model: String) -> APIError {
        APIError(
            status: 404, message: "The model `\(model)` does not exist or you do not have access to it.",
            code: "model_not_found")
    }

    static func unknownURL(_ method: String, _ path: String) -> APIError {
        APIError(status: 404, message: "Invalid URL (\(method) \(path))")
    }

    static func methodNotSupported(_ method: String, _ path: String) -> APIError {
        APIError(
            status: 405,
            message: "Not allowed to \(method) on \(path). (HINT: Perhaps you meant to use a different HTTP method?)")
    }

    static func missing(_ param: String) -> APIError {
        APIError(
            status: 400, message: "Missing required parameter: '\(param)'.", param: param,
            code: "missing_required_parameter")
    }

    static func unknown(_ param: String) -> APIError {
        APIError(status: 400, message: "Unknown parameter: '\(param)'.", param: param, code: "unknown_parameter")
    }

    static func invalidType(_ param: String, expected: String, got value: JSONValue) -> APIError {
        APIError(
            status: 400,
            message: "Invalid type for '\(param)': expected \(expected), but got \(value.typeName) instead.",
            param: param, code: "invalid_type")
    }

    static func invalidValue(_ param: String, _ value: String, supported: [String]) -> APIError {
        let list = supported.dropLast().map { "'\($0)'" }.joined(separator: ", ") + ", and '\(supported.last ?? "")'"
        return APIError(
            status: 400, message: "Invalid value: '\(value)'. Supported values are: \(list).", param: param,
            code: "invalid_value")
    }

    static func emptyArray(_ param: String) -> APIError {
        APIError(
            status: 400,
            message: "Invalid '\(param)': empty array. Expected an array with minimum length 1, but got an empty "
                + "array instead.", param: param, code: "empty_array")
    }

    static func outOfRange(_ param: String, _ value: JSONValue, limits: ClosedRange<Double>, kind: String) -> APIError {
        let isBelow = (value.double ?? 0) < limits.lowerBound
        let bound = isBelow ? limits.lowerBound : limits.upperBound
        let boundText = bound == bound.rounded() ? String(Int(bound)) : String(bound)
        return APIError(
            status: 400,
            message: "Invalid '\(param)': \(kind) \(isBelow ? "below minimum" : "above maximum") value. Expected a "
                + "value \(isBelow ? ">=" : "<=") \(boundText), but got \(value.rendered) instead.",
            param: param, code: "\(kind)_\(isBelow ? "below_min" : "above_max")_value")
    }
}

extension APIError {
    static func rateLimited(model: String) -> APIError {
        APIError(
            status: 429,
            message: "Rate limit reached for \(model) in organization org-simulator on requests per min (RPM): "
                + "Limit 3, Used 3, Requested 1. Please try again in 20s.",
            type: "requests", code: "rate_limit_exceeded")
    }
    static let insufficientQuota = APIError(
        status: 429,
        message: "You exceeded your current quota, please check your plan and billing details.",
        type: "insufficient_quota", code: "insufficient_quota")
    static let serverFault = APIError(
        status: 500,
        message: "The server had an error while processing your request. Sorry about that!", type: "server_error")
    static let unavailable = APIError(
        status: 503, message: "The engine is currently overloaded, please try again later.", type: "server_error")
    static let overloaded = APIError(status: 529, message: "Overloaded", type: "overloaded_error")
    static let forbidden = APIError(
        status: 403, message: "Country, region, or territory not supported", type: "request_forbidden",
        code: "unsupported_country_region_territory")
    static let contextLengthExceeded = APIError(
        status: 400,
        message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9999 "
            + "tokens. Please reduce the length of the messages.",
        param: "messages", code: "context_length_exceeded")
}
