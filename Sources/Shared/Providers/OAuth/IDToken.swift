import FoundationEssentials

/// The claims of an id token that came straight from the token endpoint. Its signature is not checked: the TLS
/// connection vouches for the issuer (https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation, rule 6).
struct IDToken: Decodable, Undisclosed {
    var issuer: String
    var subject: String
    var audiences: [String]
    /// Seconds since 1970.
    var expiresAt: Double
    var name: String?
    var email: String?
    /// Microsoft: the name a person signs in by, mostly an address.
    var preferredUsername: String?
    /// Microsoft: the account in its directory, and the directory.
    var objectID: String?
    var tenantID: String?

    /// `nil` when the text is no token.
    init?(_ compact: String) {
        let parts = compact.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let claims = Self.decoded(parts[1]),
            let token = try? JSONDecoder().decode(IDToken.self, from: claims)
        else { return nil }
        self = token
    }

    /// Whether it was made for this client, by who `isIssuer` accepts, and is still good. Clocks may differ by five
    /// minutes.
    func isValid(for clientID: String, at now: Date, isIssuer: (String) -> Bool) -> Bool {
        isIssuer(issuer) && audiences.contains(clientID) && now.timeIntervalSince1970 < expiresAt + 300
    }

    private static func decoded(_ part: Substring) -> Data? {
        var text = part.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        text += Array(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: String(text))
    }

    private enum CodingKeys: String, CodingKey {
        case name, email
        case issuer = "iss"
        case subject = "sub"
        case audiences = "aud"
        case expiresAt = "exp"
        case preferredUsername = "preferred_username"
        case objectID = "oid"
        case tenantID = "tid"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        issuer = try container.decode(String.self, forKey: .issuer)
        subject = try container.decode(String.self, forKey: .subject)
        audiences =
            try (try? [container.decode(String.self, forKey: .audiences)])
            ?? container.decode([String].self, forKey: .audiences)
        expiresAt = try container.decode(Double.self, forKey: .expiresAt)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        email = try container.decodeIfPresent(String.self, forKey: .email)
        preferredUsername = try container.decodeIfPresent(String.self, forKey: .preferredUsername)
        objectID = try container.decodeIfPresent(String.self, forKey: .objectID)
        tenantID = try container.decodeIfPresent(String.self, forKey: .tenantID)
    }
}
