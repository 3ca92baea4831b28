import FoundationEssentials

/// An error in the forms in which token and revocation endpoints give it:
/// - `{"error", "error_description"}` (https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
/// - with `error_subtype` (Google) or `suberror` (Microsoft)
/// - `{"object": "error", "code", "message"}` (Notion: https://developers.notion.com/reference/status-codes)
///
/// The description is read where a provider gives a reason no code of its own. It never leaves this module.
struct OAuthError: Decodable, Equatable {
    var error: String?
    var subtype: String?
    var description: String?

    init(error: String? = nil, subtype: String? = nil, description: String? = nil) {
        self.error = error
        self.subtype = subtype
        self.description = description
    }

    /// Never fails: what cannot be read, such as a proxy's HTML page, is an empty error.
    init(body: [UInt8]) {
        self = (try? JSONDecoder().decode(OAuthError.self, from: Data(body))) ?? OAuthError()
    }

    private enum CodingKeys: String, CodingKey {
        case error, suberror, code
        case subtype = "error_subtype"
        case description = "error_description"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys) -> String? { try? container.decodeIfPresent(String.self, forKey: key) }
        self.init(
            error: text(.error) ?? text(.code), subtype: text(.subtype) ?? text(.suberror),
            description: text(.description))
    }
}
