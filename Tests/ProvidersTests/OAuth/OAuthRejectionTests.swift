import Domain
import Testing

@testable import Providers

@Suite struct OAuthRejectionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int
        var body: String
        var delay: Double?
        var kind: Failure.Class
        var code: String
        var burnsAttempt = true

        var testDescription: String { "\(status) \(body.prefix(70)) -> \(code)" }
    }

    private static func error(_ error: String) -> String { #"{"error":"\#(error)","error_description":"x"}"# }

    static let cases: [Case] = [
        // The grant is dead
        Case(status: 400, body: error("invalid_grant"), kind: .needsReconnect, code: "invalid_grant"),
        Case(status: 401, body: error("invalid_grant"), kind: .needsReconnect, code: "invalid_grant"),
        Case(
            status: 400,
            body:
                #"{"error":"invalid_grant","error_description":"reauth related error","error_subtype":"invalid_rapt"}"#,
            kind: .needsReconnect, code: "session_control"),
        Case(
            status: 400, body: #"{"error":"invalid_grant","error_subtype":"admin_policy_enforced"}"#,
            kind: .needsReconnect, code: "admin_policy"),
        Case(status: 403, body: error("admin_policy_enforced"), kind: .needsReconnect, code: "admin_policy"),
        Case(
            status: 400,
            body: #"{"error":"invalid_grant","error_codes":[65001],"suberror":"consent_required","claims":"{}"}"#,
            kind: .needsReconnect, code: "interaction_required"),
        Case(
            status: 400, body: #"{"error":"interaction_required","error_codes":[50076],"suberror":"basic_action"}"#,
            kind: .needsReconnect, code: "interaction_required"),
        Case(status: 403, body: error("access_denied"), kind: .needsReconnect, code: "access_denied"),
        // The registration is wrong
        Case(status: 401, body: error("invalid_client"), kind: .permanent, code: "provider_misconfigured"),
        Case(status: 400, body: error("unauthorized_client"), kind: .permanent, code: "provider_misconfigured"),
        Case(status: 400, body: error("redirect_uri_mismatch"), kind: .permanent, code: "provider_misconfigured"),
        Case(status: 400, body: error("unsupported_grant_type"), kind: .permanent, code: "provider_misconfigured"),
        Case(status: 401, body: "", kind: .permanent, code: "provider_misconfigured"),
        Case(status: 404, body: "<html>", kind: .permanent, code: "provider_misconfigured"),
        Case(status: 302, body: "", kind: .permanent, code: "provider_misconfigured"),
        Case(status: 400, body: error("invalid_request"), kind: .permanent, code: "invalid_request"),
        // Later
        Case(status: 400, body: error("temporarily_unavailable"), kind: .retry, code: "provider_unavailable"),
        Case(status: 503, body: "<html>", delay: 20, kind: .retry, code: "provider_unavailable"),
        Case(status: 500, body: error("internal_failure"), kind: .retry, code: "provider_unavailable"),
        Case(status: 502, body: "", kind: .retry, code: "provider_unavailable"),
        Case(status: 408, body: "", kind: .retry, code: "provider_timeout"),
        Case(status: 429, body: "", kind: .retry, code: "rate_limited"),
        Case(status: 429, body: "", delay: 20, kind: .retry, code: "rate_limited", burnsAttempt: false),
        Case(
            status: 429, body: #"{"object":"error","status":429,"code":"rate_limited","message":"x"}"#, delay: 2,
            kind: .retry, code: "rate_limited", burnsAttempt: false),
        Case(
            status: 409, body: #"{"object":"error","status":409,"code":"conflict_error"}"#, kind: .retry,
            code: "provider_unavailable"),
        Case(status: 403, body: error("rate_limit_exceeded"), kind: .retry, code: "rate_limited"),
        Case(status: 204, body: "", kind: .retry, code: "provider_protocol"),
    ]

    @Test(arguments: cases)
    func `an error answer is classified by its error, its subtype, its status`(row: Case) {
        let rejection = OAuthRejection(
            status: row.status, error: OAuthError(body: Array(row.body.utf8)),
            advice: RetryAdvice(delaySeconds: row.delay))
        let failure = rejection.failure
        #expect(failure.kind == row.kind)
        #expect(failure.code == row.code)
        #expect(failure.retryAfterSeconds == row.delay)
        #expect(failure.burnsAttempt == row.burnsAttempt)
    }

    @Test func `nothing of the provider's own text reaches the failure`() {
        let body = #"{"error":"secret-1","error_subtype":"secret-2","error_description":"secret-3","code":"secret-4"}"#
        for status in [200, 302, 400, 401, 404, 429, 500] {
            let failure = OAuthRejection(status: status, error: OAuthError(body: Array(body.utf8))).failure
            #expect(!"\(failure)".contains("secret"))
        }
        let known = OAuthRejection(status: 401, error: OAuthError(error: "invalid_client", description: "secret"))
        #expect(known.failure.message == "The provider refused this service's registration (invalid_client).")
    }
}
