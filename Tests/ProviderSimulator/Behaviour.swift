import Foundation

/// How one request is answered: pace, length and fault. The same settings come from a control rule's `fault` object
/// and from a directive in the user's message: `[[sim: tokens=200 delay_ms=20 fault=cut_after:7]]`.
struct Behaviour: Sendable {
    /// Number of tokens in the answer; nil: as many as the echo has words.
    var tokens: Int?
    /// Pause before the status line, in milliseconds.
    var firstByteMilliseconds = 0
    /// Pause before every token, in milliseconds.
    var delayMilliseconds = 0
    var fault: Fault?
    /// Value of the `retry-after` header of an HTTP fault, sent as written (seconds or an HTTP-date).
    var retryAfter: String?
    /// Value of the `retry-after-ms` header of an HTTP fault, sent as written.
    var retryAfterMilliseconds: String?
    /// Value of the `x-should-retry` header of an HTTP fault, sent as written.
    var shouldRetry: String?
    /// `code` of an in-band error object or of a plain `status:N` fault.
    var code: String?
    /// `type` beside `code`.
    var type: String?
    /// Size of the frame of `huge_frame`, in bytes.
    var bytes = 2 << 20
    /// How many requests the setting holds for; nil: every one.
    var times: Int?
}

/// One fault. `after` counts tokens already sent.
enum Fault: Sendable, Equatable {
    // Instead of an answer
    case rateLimited, insufficientQuota, serverError, unavailable, overloaded
    case unauthorized, forbidden, contextLength, modelNotFound
    /// Any status with OpenAI's error body.
    case status(Int)
    /// Any status with a proxy's HTML page.
    case html(Int)
    /// The connection closes without a byte.
    case hangUp
    /// Any status with half an error body, then silence.
    case stuck(Int)

    // In the middle of the answer
    /// The connection closes (FIN) in the middle of the body.
    case cut(after: Int)
    /// The connection is reset (RST) in the middle of the body.
    case reset(after: Int)
    /// The body ends cleanly, with neither finish_reason nor `[DONE]`.
    case end(after: Int)
    /// Nothing more comes; the connection stays open.
    case silence(after: Int)
    /// A frame whose data is half a JSON object.
    case brokenJSON(after: Int)
    /// A frame holding `{"error":{…}}`, then the end of the body.
    case error(after: Int)
    /// One token of `bytes` bytes.
    case hugeFrame(after: Int)
    /// Tokens without end.
    case endless

    // At the end of the answer
    case noDone, noFinish, noUsage
    /// After `[DONE]` the body does not end.
    case linger
    case length, contentFilter

    // In the form of the answer, which stays correct
    case unknownFields, crlf, comments, usageInEveryChunk, nullChoices

    /// - Parameter text: `name` or `name:number`, such as `cut_after:7` or `status:418`.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard let name = parts.first else { return nil }
        let number = parts.count > 1 ? Int(parts[1]) : nil
        if parts.count > 1 && number == nil { return nil }
        guard let fault = Self.plain[String(name)] ?? Self.counted(String(name), number ?? 0) else { return nil }
        self = fault
    }

    private static let plain: [String: Fault] = [
        "rate_limited": .rateLimited, "429": .rateLimited, "insufficient_quota": .insufficientQuota,
        "server_error": .serverError, "500": .serverError, "unavailable": .unavailable, "503": .unavailable,
        "overloaded": .overloaded, "529": .overloaded, "unauthorized": .unauthorized, "401": .unauthorized,
        "forbidden": .forbidden, "403": .forbidden, "context_length_exceeded": .contextLength,
        "model_not_found": .modelNotFound, "hang_up": .hangUp, "endless": .endless, "no_done": .noDone,
        "no_finish": .noFinish, "no_usage": .noUsage, "linger": .linger, "length": .length,
        "content_filter": .contentFilter,
        "unknown_fields": .unknownFields, "crlf": .crlf, "comments": .comments,
        "usage_in_every_chunk": .usageInEveryChunk, "null_choices": .nullChoices,
    ]

    private static func counted(_ name: String, _ number: Int) -> Fault? {
        switch name {
        case "status" where (400...599).contains(number): .status(number)
        case "stuck" where (400...599).contains(number): .stuck(number)
        case "html" where (400...599).contains(number): .html(number)
        case "cut_after": .cut(after: number)
        case "reset_after": .reset(after: number)
        case "end_after": .end(after: number)
        case "silence_after": .silence(after: number)
        case "broken_json_after": .brokenJSON(after: number)
        case "error_after": .error(after: number)
        case "huge_frame_after": .hugeFrame(after: number)
        default: nil
        }
    }
}

extension Behaviour {
    /// Sets one named setting from its text, as both the control API and directives spell it.
    mutating func set(_ name: String, _ value: String) throws(APIError) {
        let setting = "\(name)=\(value)"
        func number() throws(APIError) -> Int {
            guard let number = Int(value), number >= 0 else { throw .unreadable(setting) }
            return number
        }
        switch name {
        case "tokens": tokens = try number()
        case "delay_ms": delayMilliseconds = try number()
        case "first_byte_ms": firstByteMilliseconds = try number()
        case "bytes": bytes = try number()
        case "times": times = try number()
        case "retry_after": retryAfter = value
        case "retry_after_ms": retryAfterMilliseconds = value
        case "should_retry": shouldRetry = value
        case "code": code = value
        case "type": type = value
        case "kind", "fault":
            guard let fault = Fault(value) else { throw .unreadable(setting) }
            self.fault = fault
        default: throw .unreadable(setting)
        }
    }

    /// Reads the `fault` of a control rule: `{"kind":"cut_after:7","delay_ms":20}`, or `"cut_after:7"` alone.
    init(_ object: JSONValue, defaults: Behaviour) throws(APIError) {
        self = defaults
        if case .string(let kind) = object { try set("kind", kind) }
        guard case .object(let members) = object else {
            if fault == nil { throw .unreadable(object.rendered) }
            return
        }
        for member in members {
            try set(member.name, member.value.text ?? member.value.rendered)
        }
    }

    /// Reads and removes every `[[sim: …]]` of a message. Values hold no spaces; `~` stands for one.
    static func directives(in message: String, defaults: Behaviour) throws(APIError) -> (Behaviour, text: String) {
        var behaviour = defaults
        var text = ""
        var rest = message[...]
        while let open = rest.range(of: "[[sim:"), let close = rest[open.upperBound...].range(of: "]]") {
            text += rest[..<open.lowerBound]
            for setting in rest[open.upperBound..<close.lowerBound].split(whereSeparator: \.isWhitespace) {
                let pair = setting.split(separator: "=", maxSplits: 1)
                guard pair.count == 2 else { throw .unreadable(String(setting)) }
                try behaviour.set(String(pair[0]), String(pair[1]).replacing("~", with: " "))
            }
            rest = rest[close.upperBound...]
        }
        return (behaviour, text + rest)
    }
}
