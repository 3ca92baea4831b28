import Foundation

/// An access or refresh token, live or not.
struct IssuedToken: Sendable {
    enum Kind: String, Sendable { case access, refresh }

    /// Why a token stopped working before its time, or that its time was cut by a control call.
    enum End: String, Sendable {
        /// By the person, or by the client at the revocation endpoint.
        case revoked
        /// A renewal put another in its place.
        case replaced
        /// Too many live ones: the oldest went.
        case displaced
        /// Its code was presented a second time (RFC 6749, section 4.1.2).
        case codeReused = "code_reused"
        case expired
    }

    /// Counts from 1 over all tokens, in the order of issue.
    let id: Int
    let value: String
    let kind: Kind
    let owner: Owner
    let scopes: [String]
    /// The exchange that it descends from.
    let grant: Int
    let issuedAt: Date
    /// nil: no end is known.
    var expiresAt: Date?
    var end: End?

    func isLive(at now: Date) -> Bool {
        end == nil && (expiresAt.map { now < $0 } ?? true)
    }

    func json(at now: Date) -> JSONValue {
        .members([
            "id": .integer(id), "kind": .string(kind.rawValue), "provider": .string(owner.provider.rawValue),
            "client_id": .string(owner.clientID), "account": .string(owner.account), "value": .string(value),
            "scopes": .array(scopes.map(JSONValue.string)), "grant": .integer(grant), "live": .bool(isLive(at: now)),
            "end": end.map { .string($0.rawValue) } ?? (isLive(at: now) ? .null : "expired"),
            "issued_at": .number(issuedAt.timeIntervalSince1970),
            "expires_at": expiresAt.map { .number($0.timeIntervalSince1970) } ?? .null,
        ])
    }
}
