import CCurl

/// How far a delivery came.
package enum SMTPStage: String, Sendable {
    /// In the queue: nothing has been tried.
    case queue
    /// Until the server's greeting.
    case connect
    case greeting
    case login
    case sender
    case recipient
    /// The message itself is on its way.
    case message
    /// The whole message was handed over and the server's word on it is awaited.
    case end
}

/// A server's answer, by its numbers only: its words may hold addresses.
package struct SMTPReply: Sendable, Hashable {
    /// https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1: 2xx done, 4xx not now, 5xx never.
    package var code: Int
    /// `5.1.1`, where the server says more: https://www.rfc-editor.org/rfc/rfc3463. `nil`: it does not.
    package var enhanced: String?

    /// Reads a line such as `550 5.1.1 No such user`. `nil` for what is none.
    init?(line: some Collection<UInt8>) {
        let text = String(decoding: line.prefix(40), as: UTF8.self)
        guard let match = text.prefixMatch(of: /([2-5]\d\d)(?:[ \-]([245]\.\d{1,3}\.\d{1,3})(?=\s))?/),
            let code = Int(match.1)
        else { return nil }
        self.code = code
        enhanced = match.2.map(String.init)
    }
}

extension SMTPReply: CustomStringConvertible {
    package var description: String { "\(code)\(enhanced.map { " \($0)" } ?? "")" }
}

/// Why a mail was not delivered, with libcurl's code (https://curl.se/libcurl/c/libcurl-errors.html). Addresses,
/// passwords and the server's own words never appear here.
package enum SMTPError: Error, Sendable, Hashable {
    /// The name did not resolve, or no address took the connection.
    case connect(code: Int32, host: String)
    /// No trusted, encrypted connection came about.
    case tls(code: Int32, host: String)
    /// User and password are not taken, or the server knows no way of logging in that is safe.
    case loginRefused(SMTPReply?, host: String)
    /// The server said no. 4xx: for now.
    case refused(SMTPReply, at: SMTPStage, host: String)
    /// A deadline of `SMTPLimits` passed before the whole message was handed over.
    case timeout(at: SMTPStage, host: String)
    /// The connection ended before the whole message was handed over.
    case closedEarly(code: Int32, at: SMTPStage, host: String)
    /// The whole message was handed over and no answer came: it may have been delivered.
    case unknownOutcome(code: Int32, host: String)
    /// The task was cancelled.
    case cancelled
    /// As many mails as allowed wait already.
    case overloaded
    case messageTooLarge(limitBytes: Int)
    /// Anything else libcurl reports; nothing was delivered.
    case other(code: Int32, at: SMTPStage, host: String)

    /// Classifies a transfer that failed.
    /// - Parameter reply: the last one of the server.
    init(_ code: CURLcode, at stage: SMTPStage, reply: SMTPReply?, host: String) {
        let raw = Int32(bitPattern: code.rawValue)
        if let reply, reply.code >= 400, code != CURLE_OPERATION_TIMEDOUT {
            let isLogin = code == CURLE_LOGIN_DENIED && reply.code >= 500
            self = isLogin ? .loginRefused(reply, host: host) : .refused(reply, at: stage, host: host)
            return
        }
        switch code {
        case _ where stage == .end:
            self = .unknownOutcome(code: raw, host: host)
        case CURLE_LOGIN_DENIED:
            self = .loginRefused(nil, host: host)
        case CURLE_OPERATION_TIMEDOUT:
            self = .timeout(at: stage, host: host)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT:
            self = .connect(code: raw, host: host)
        case _ where Self.tlsCodes.contains(code.rawValue):
            self = .tls(code: raw, host: host)
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_WEIRD_SERVER_REPLY, CURLE_PARTIAL_FILE:
            self = .closedEarly(code: raw, at: stage, host: host)
        default:
            self = .other(code: raw, at: stage, host: host)
        }
    }

    private static let tlsCodes: Set<UInt32> = Set(
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED,
        ].map(\.rawValue))
}

extension SMTPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .connect(let code, let host): "no connection to \(host): \(Self.text(code))"
        case .tls(let code, let host): "no trusted connection to \(host): \(Self.text(code))"
        case .loginRefused(let reply, let host): "\(host) refuses the login\(reply.map { ": \($0)" } ?? "")"
        case .refused(let reply, let stage, let host): "\(host) refuses (\(stage.rawValue)): \(reply)"
        case .timeout(let stage, let host): "\(host) took too long (\(stage.rawValue))"
        case .closedEarly(let code, let stage, let host):
            "\(host) closed the connection (\(stage.rawValue)): \(Self.text(code))"
        case .unknownOutcome(let code, let host):
            "\(host) did not say whether it took the message: \(Self.text(code))"
        case .cancelled: "the delivery was cancelled"
        case .overloaded: "too many mails wait already"
        case .messageTooLarge(let limit): "the message is larger than \(limit) bytes"
        case .other(let code, let stage, let host):
            "the exchange with \(host) failed (\(stage.rawValue)): \(Self.text(code))"
        }
    }

    private static func text(_ code: Int32) -> String {
        "\(String(cString: curl_easy_strerror(CURLcode(rawValue: UInt32(bitPattern: code))))) (curl \(code))"
    }
}
