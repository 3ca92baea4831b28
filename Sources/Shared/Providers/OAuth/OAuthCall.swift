import Domain
import FoundationEssentials
import HTTPTransport

/// One request to a provider's token or revocation endpoint.
struct OAuthCall: Sendable, Undisclosed {
    enum Purpose: Sendable {
        case exchange
        case renewal(rotates: Bool)
        case revocation
    }

    let purpose: Purpose
    let url: String
    var method = "POST"
    private(set) var headers = [("Accept", "application/json")]
    private(set) var body: [UInt8]?
    var deadline: Duration = .seconds(20)
    /// Puts what one provider says in its own words into OAuth's.
    var translate: @Sendable (OAuthError) -> OAuthError = { $0 }

    init(_ purpose: Purpose, _ url: String) {
        self.purpose = purpose
        self.url = url
    }

    mutating func add(header name: String, _ value: String) { headers.append((name, value)) }

    mutating func setForm(_ fields: [(String, String?)]) {
        add(header: "Content-Type", "application/x-www-form-urlencoded")
        body = Array(FormText.encode(fields).utf8)
    }

    mutating func setJSON(_ write: (inout JSONWriter) -> Void) {
        add(header: "Content-Type", "application/json")
        var writer = JSONWriter()
        writer.object(write)
        body = writer.bytes
    }

    /// Name and secret are joined as they are: https://developers.notion.com/docs/authorization
    mutating func authenticate(by client: OAuthClient) {
        let credentials = Data("\(client.clientID):\(client.clientSecret)".utf8).base64EncodedString()
        add(header: "Authorization", "Basic \(credentials)")
    }

    var request: HTTPRequest {
        var request = HTTPRequest(
            method: method, url: url, headers: headers, body: body,
            deadlines: HTTPDeadlines(
                connect: min(.seconds(5), deadline), firstByte: deadline, silence: deadline, total: deadline))
        request.isRepeatable = !spendsGrant
        // A kept-alive connection that the server is just closing would leave the grant's fate unknown.
        request.usesFreshConnection = spendsGrant
        return request
    }

    /// Whether what is sent is good for one use only, so that the request must reach the provider once.
    private var spendsGrant: Bool { unknownOutcome != nil }

    /// What it means that the provider may have acted and nobody heard it; `nil` when a repeat is harmless.
    var unknownOutcome: Failure? {
        switch purpose {
        case .exchange:
            Failure(
                .unknownOutcome, code: "exchange_unknown",
                message: "The provider's answer to the code was lost: connect again.")
        case .renewal(rotates: true):
            Failure(
                .unknownOutcome, code: "renewal_unknown",
                message: "The provider's answer to a renewal was lost, and it may have replaced the refresh token.")
        case .renewal(rotates: false), .revocation: nil
        }
    }

    /// A code is sent again where it may not have been redeemed: at worst a person begins again, as without.
    func failure(_ rejection: OAuthRejection) -> Failure {
        guard rejection.leavesOutcomeOpen, case .renewal = purpose, var unknown = unknownOutcome else {
            return rejection.failure
        }
        unknown.retryAfterSeconds = rejection.failure.retryAfterSeconds
        return unknown
    }

    func failure(_ error: HTTPTransportError, hasAnswer: Bool) -> Failure {
        if !error.sentNothing, let unknownOutcome { return unknownOutcome }
        return Failure(error, hasAnswer: hasAnswer)
    }
}
