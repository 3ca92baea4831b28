import Foundation

extension MicrosoftProvider {
    /// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
    func reply(to refusal: Refusal) -> OAuthReply {
        switch refusal {
        case .unreadableBody(let reason): Self.refused("invalid_request", 900_144, reason)
        case .missing(let name): Self.refused("invalid_request", 900_144, Self.missing(name))
        case .missingClient: Self.refused("invalid_request", 900_144, Self.missing("client_id"))
        case .unknownClient:
            Self.refused("unauthorized_client", 700_016, "Application was not found in the directory.")
        case .missingSecret: Self.refused("invalid_client", 7_000_218, Self.missing("client_secret"), status: 401)
        case .wrongSecret: Self.refused("invalid_client", 7_000_215, "Invalid client secret provided.", status: 401)
        case .unsupportedGrant(let name):
            Self.refused("unsupported_grant_type", 70_003, "The app requested an unsupported grant type '\(name)'.")
        case .unknownCode, .unknownRefreshToken:
            Self.refused("invalid_grant", 9_002_313, "Invalid request. Request is malformed or invalid.")
        case .usedCode:
            Self.refused("invalid_grant", 54_005, "OAuth2 Authorization code was already redeemed.")
        case .expiredCode: Self.refused("invalid_grant", 70_008, "The provided authorization code is expired.")
        case .wrongRedirect:
            Self.refused(
                "invalid_client", 500_112, "The reply address does not match the one in the request.", status: 401)
        case .missingVerifier, .wrongVerifier:
            Self.refused("invalid_grant", 501_481, "The Code_Verifier does not match the code_challenge supplied.")
        case .otherClient: Self.refused("invalid_grant", 700_005, "The grant was issued to another client.")
        case .deadRefreshToken(.expired):
            Self.refused("invalid_grant", 700_082, "The refresh token has expired due to inactivity.", more: Self.bad)
        case .deadRefreshToken, .invalidGrant, .sessionControl:
            Self.refused(
                "invalid_grant", 50_173, "The provided grant has expired due to it being revoked.", more: Self.bad)
        case .widerScope: Self.refused("invalid_grant", 65_001, "The user has not consented to the application.")
        case .unknownToken: Self.refused("invalid_request", 900_144, "Nothing to revoke here.")
        case .rateLimited: Self.refused("temporarily_unavailable", 90_055, "Too many requests.", status: 429)
        case .named(let name): Self.refused(name, 0, "Simulated.")
        case .status(let status):
            Self.refused(
                status >= 500 ? "temporarily_unavailable" : "invalid_request", 90_033,
                "A transient error has occurred. Please try again.", status: status)
        }
    }

    private static let bad = [JSONValue.Member(name: "suberror", value: "bad_token")]

    private static func missing(_ name: String) -> String {
        "The request body must contain the following parameter: '\(name)'."
    }

    /// Numbers and identifiers inside the description, as everywhere at Microsoft.
    private static func refused(
        _ error: String, _ number: Int, _ text: String, status: Int = 400, more: [JSONValue.Member] = []
    ) -> OAuthReply {
        let trace = UUID().uuidString.lowercased()
        let time = Date().formatted(.iso8601.dateTimeSeparator(.space))
        return .refused(
            status, error,
            "AADSTS\(number): \(text) Trace ID: \(trace) Correlation ID: \(trace) Timestamp: \(time)",
            more: [
                .init(name: "error_codes", value: [.integer(number)]),
                .init(name: "timestamp", value: .string(time)), .init(name: "trace_id", value: .string(trace)),
                .init(name: "correlation_id", value: .string(trace)),
                .init(name: "error_uri", value: .string("\(host)/error?code=\(number)")),
            ] + more)
    }
}
