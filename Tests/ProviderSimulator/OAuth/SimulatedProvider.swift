import Foundation

/// What sets one provider's OAuth endpoints apart; the rest is the same for all.
protocol SimulatedProvider: Sendable {
    var kind: ProviderKind { get }
    var rules: TokenRules { get }
    /// Whether the consent page lets the person grant a part of what is asked for.
    var grantsParts: Bool { get }

    // MARK: Authorization endpoint

    /// The scopes asked for, in the provider's own spelling, after its checks of what it demands.
    func scopes(of parameters: FormBody) throws(AuthorizationRefusal) -> [String]
    /// - Parameters:
    ///   - chosen: what the person granted this time.
    ///   - earlier: what the client had before.
    /// - Returns: the scopes of the code's tokens.
    func granted(_ chosen: [String], _ request: AuthorizationRequest, earlier: [String]) -> [String]
    /// Whether the code's exchange gives a refresh token.
    func isOffline(_ request: AuthorizationRequest, isFirstConsent: Bool) -> Bool
    /// What goes back with the code, beside `code` and `state`.
    func callback(_ code: AuthorizationCode, _ request: AuthorizationRequest) -> [(String, String)]
    /// What goes back when the person says no, beside `state`.
    func denial() -> [(String, String)]

    // MARK: Token endpoint

    func read(_ request: EndpointRequest) throws(Refusal) -> TokenRequest
    func answer(_ issuance: Issuance, _ request: TokenRequest, _ key: SigningKey, at now: Date) throws -> JSONValue
    func reply(to refusal: Refusal) -> OAuthReply
}

extension SimulatedProvider {
    var grantsParts: Bool { false }
    func granted(_ chosen: [String], _ request: AuthorizationRequest, earlier: [String]) -> [String] { chosen }
    func isOffline(_ request: AuthorizationRequest, isFirstConsent: Bool) -> Bool { true }
    func callback(_ code: AuthorizationCode, _ request: AuthorizationRequest) -> [(String, String)] { [] }
    func denial() -> [(String, String)] { [("error", "access_denied")] }
}
