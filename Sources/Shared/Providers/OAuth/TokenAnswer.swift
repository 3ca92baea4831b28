/// A token endpoint's success (https://www.rfc-editor.org/rfc/rfc6749#section-5.1), with what providers add.
struct TokenAnswer: Sendable, Undisclosed {
    private let fields: Fields
    /// For what only one provider says.
    let answer: OAuthAnswer

    /// `nil` when it holds no token that can be used.
    init?(_ answer: OAuthAnswer) {
        guard let fields = answer.json(as: Fields.self), fields.isUsable else { return nil }
        self.fields = fields
        self.answer = answer
    }

    var idToken: String? { fields.idToken }

    /// - Parameter scopes: what an answer without a scope means.
    func grant(scopes: [String], account: ProviderAccount? = nil) -> TokenGrant {
        TokenGrant(
            accessToken: fields.accessToken, refreshToken: fields.refreshToken.flatMap { $0.isEmpty ? nil : $0 },
            expiresInSeconds: fields.expiresIn?.seconds,
            refreshExpiresInSeconds: fields.refreshExpiresIn?.seconds,
            scopes: fields.scope.map { $0.split(separator: " ").map(String.init) } ?? scopes, account: account)
    }

    private struct Fields: Decodable {
        var accessToken: String
        var tokenType: String?
        var refreshToken: String?
        var expiresIn: Life?
        var refreshExpiresIn: Life?
        var scope: String?
        var idToken: String?

        private enum CodingKeys: String, CodingKey {
            case scope
            case accessToken = "access_token"
            case tokenType = "token_type"
            case refreshToken = "refresh_token"
            case expiresIn = "expires_in"
            // Google, where access is time-based: https://developers.google.com/identity/protocols/oauth2/web-server
            case refreshExpiresIn = "refresh_token_expires_in"
            case idToken = "id_token"
        }

        /// Another type than bearer would have to be presented in another way; the tokens go into headers.
        var isUsable: Bool {
            (tokenType ?? "bearer").lowercased() == "bearer" && !accessToken.isEmpty && Self.isText(accessToken)
                && Self.isText(refreshToken ?? "")
        }

        /// https://www.rfc-editor.org/rfc/rfc6749#appendix-A.12, without the space that no header takes.
        private static func isText(_ text: String) -> Bool {
            text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        }
    }

    /// Seconds, as a number or as one in quotes; what is not above zero says nothing.
    private struct Life: Decodable {
        var seconds: Int?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            let value =
                (try? container.decode(Double.self)) ?? (try? container.decode(String.self)).flatMap { Double($0) }
            seconds = value.flatMap { $0 >= 1 && $0 < 1e10 ? Int($0) : nil }
        }
    }
}
