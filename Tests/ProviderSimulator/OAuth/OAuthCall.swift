import Foundation

/// One request at an OAuth endpoint and what became of it. Times are Unix seconds.
struct OAuthCall: Sendable {
    var id = 0
    var at = Date()
    var provider: ProviderKind
    var endpoint: OAuthEndpoint
    /// `authorization_code` or `refresh_token`, or what else came; nil outside the token endpoint.
    var grant: String?
    var clientID: String?
    /// Whose code or token was presented, if anybody's.
    var account: String?
    /// The `id` of the refresh token that was presented.
    var presented: Int?
    /// The `id`s of the tokens that were given, whether or not the answer arrived.
    var gave: [Int] = []
    /// The fault's name, if one was on.
    var fault: String?
    /// Whether it waits for `POST resume`.
    var isPaused = false
    /// `ok`, an OAuth `error`, or `cut`; nil: it is not answered yet.
    var outcome: String?
    var status: Int?
    var finishedAt: Date?

    var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        return .members([
            "id": .integer(id), "at": .number(at.timeIntervalSince1970), "provider": .string(provider.rawValue),
            "endpoint": .string(endpoint.rawValue), "grant": text(grant), "client_id": text(clientID),
            "account": text(account), "presented": presented.map(JSONValue.integer) ?? .null,
            "gave": .array(gave.map(JSONValue.integer)), "fault": text(fault), "paused": .bool(isPaused),
            "outcome": text(outcome), "status": status.map(JSONValue.integer) ?? .null,
            "finished_at": finishedAt.map { .number($0.timeIntervalSince1970) } ?? .null,
        ])
    }
}
