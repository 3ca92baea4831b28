import CCurl

/// What went wrong, with libcurl's code (https://curl.se/libcurl/c/libcurl-errors.html) and the host's name. Headers,
/// path, query and body of the request never appear here.
package enum HTTPTransportError: Error, Sendable, Hashable {
    /// The name did not resolve (code 5 or 6) or no address took the connection (7).
    case connect(code: Int32, host: String)
    /// A deadline of `HTTPDeadlines` passed.
    case timeout(phase: HTTPPhase, host: String)
    /// No trusted, encrypted connection came about.
    case tls(code: Int32, host: String)
    /// `HTTPBody.collect(upTo:)` met more bytes than it was to take.
    case bodyTooLarge(limitBytes: Int)
    /// The answer's head is larger than `HTTPRequest.maxHeaderBytes`.
    case headersTooLarge(limitBytes: Int, host: String)
    /// One event or line of a stream is larger than its decoder's bound.
    case eventTooLarge(limitBytes: Int)
    /// The server closed before a complete answer. It may have acted on the request.
    case closedEarly(code: Int32, host: String)
    /// The task was cancelled, or the body was cancelled or dropped.
    case cancelled
    /// The egress policy does not let the transport talk to this address.
    case egressRefused(reason: String, host: String)
    /// As many transfers as allowed are already under way: nothing was sent.
    case overloaded
    /// The transport has been shut down.
    case closed(sentNothing: Bool)
    /// The request cannot be put on the wire as it is: nothing was sent.
    case invalidRequest(reason: String)
    /// Anything else libcurl reports.
    case other(code: Int32, host: String, sentNothing: Bool)

    /// True when no byte of the request can have reached the server, so that a repeat is harmless. False means
    /// "sent, or not known".
    package var sentNothing: Bool {
        switch self {
        case .connect, .tls, .egressRefused, .overloaded, .invalidRequest: true
        case .timeout(let phase, _): phase == .connect
        case .closed(let sentNothing), .other(_, _, let sentNothing): sentNothing
        case .bodyTooLarge, .headersTooLarge, .eventTooLarge, .closedEarly, .cancelled: false
        }
    }

    /// libcurl's code, or `nil` when the error is the transport's own.
    package var code: Int32? {
        switch self {
        case .connect(let code, _), .tls(let code, _), .closedEarly(let code, _), .other(let code, _, _): code
        default: nil
        }
    }

    /// Classifies a failed transfer. `wasConnected`: a connection had become ready for the request. Later trouble with
    /// connecting is then that of a repeat, after the first connection had died with the request under way.
    init(_ code: CURLcode, host: String, wasConnected: Bool) {
        let raw = Int32(bitPattern: code.rawValue)
        switch code {
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_PROXY:
            self = wasConnected ? .closedEarly(code: raw, host: host) : .connect(code: raw, host: host)
        case CURLE_OPERATION_TIMEDOUT:
            self = .timeout(phase: wasConnected ? .total : .connect, host: host)
        case _ where !wasConnected && Self.tlsCodes.contains(code.rawValue):
            self = .tls(code: raw, host: host)
        // A head that is cut within a line counts as a weird reply (8).
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_WEIRD_SERVER_REPLY:
            self = wasConnected ? .closedEarly(code: raw, host: host) : .connect(code: raw, host: host)
        default:
            self = .other(code: raw, host: host, sentNothing: !wasConnected)
        }
    }

    private static let tlsCodes: Set<UInt32> = Set(
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED,
        ].map(\.rawValue))
}

extension HTTPTransportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .connect(let code, let host): "no connection to \(host): \(Self.text(code))"
        case .timeout(let phase, let host): "\(phase.rawValue) deadline passed for \(host)"
        case .tls(let code, let host): "no trusted connection to \(host): \(Self.text(code))"
        case .bodyTooLarge(let limit): "the body is larger than \(limit) bytes"
        case .headersTooLarge(let limit, let host): "the headers of \(host) are larger than \(limit) bytes"
        case .eventTooLarge(let limit): "an event is larger than \(limit) bytes"
        case .closedEarly(let code, let host): "\(host) closed before its answer was complete: \(Self.text(code))"
        case .cancelled: "the transfer was cancelled"
        case .egressRefused(let reason, let host): "not allowed to talk to \(host): \(reason)"
        case .overloaded: "too many transfers are under way"
        case .closed: "the transport is shut down"
        case .invalidRequest(let reason): "the request is not valid: \(reason)"
        case .other(let code, let host, _): "the exchange with \(host) failed: \(Self.text(code))"
        }
    }

    private static func text(_ code: Int32) -> String {
        "\(String(cString: curl_easy_strerror(CURLcode(rawValue: UInt32(bitPattern: code))))) (curl \(code))"
    }
}
