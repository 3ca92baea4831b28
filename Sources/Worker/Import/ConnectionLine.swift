import Domain
import FoundationEssentials
import Providers
import Store

/// One line of an import: a connected account, as another system has it.
struct ConnectionLine: Undisclosed {
    let tenant: TenantID
    let provider: ProviderName
    let host: String?
    let accountID: String
    let accountName: String
    let connectedBy: UserID?
    let scopes: [String]?
    let accessToken: String
    let refreshToken: String?
    /// Of the access token.
    let expiresAt: Date?

    /// - Parameters:
    ///   - json: `{"tenant", "provider", "host"?, "account_id", "account_name"?, "connected_by"?, "scopes"?,
    ///     "access_token", "refresh_token"?, "expires_at"?}`; scopes as a list or with spaces between them, the end in
    ///     RFC 3339 or in seconds since 1970.
    ///   - providers: all that there are.
    init(_ json: [UInt8], _ form: TokenForm, providers: [ProviderDescription]) throws(ImportRefusal) {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(json)) else {
            throw ImportRefusal("not a JSON object")
        }
        guard let tenant = fields.tenant.flatMap({ TenantID($0) }), tenant != .operators else {
            throw ImportRefusal("tenant must be a workspace's UUID")
        }
        guard let about = providers.first(where: { $0.name.rawValue == fields.provider }) else {
            throw ImportRefusal("provider must be one of \(providers.map(\.name.rawValue).joined(separator: ", "))")
        }
        self.tenant = tenant
        provider = about.name
        host = try Self.host(fields.host, of: about)
        accountID = try Self.text(fields.accountID, "account_id")
        accountName =
            try fields.accountName.map { name throws(ImportRefusal) in try Self.text(name, "account_name") }
            ?? accountID
        scopes = fields.scopes?.names
        if let scopes, scopes.count > 100 { throw ImportRefusal("scopes are more than 100") }
        guard let sealed = fields.accessToken, !sealed.isEmpty else { throw ImportRefusal("access_token is missing") }
        accessToken = try form.open(sealed, "access_token")
        refreshToken = try fields.refreshToken.flatMap { $0.isEmpty ? nil : $0 }
            .map { sealed throws(ImportRefusal) in try form.open(sealed, "refresh_token") }
        connectedBy = try fields.connectedBy.map { text throws(ImportRefusal) in
            guard let user = UserID(text) else { throw ImportRefusal("connected_by must be a person's UUID") }
            return user
        }
        expiresAt = try fields.expiresAt.map { end throws(ImportRefusal) in
            guard let date = end.date else {
                throw ImportRefusal("expires_at must be RFC 3339 or seconds since 1970")
            }
            return date
        }
    }

    private static func host(_ host: String?, of about: ProviderDescription) throws(ImportRefusal) -> String? {
        guard let allowed = about.hosts else {
            if host?.isEmpty == false { throw ImportRefusal("host must be left out: \(about.title) has one for all") }
            return nil
        }
        guard let name = host.flatMap({ PublicHostName($0) }) else {
            throw ImportRefusal("host must be the host name of the \(about.title)")
        }
        guard allowed.contains(name) else {
            throw ImportRefusal("host is not one of those that \(about.hostsSetting) allows")
        }
        return name.text
    }

    private static func text(_ text: String?, _ field: String) throws(ImportRefusal) -> String {
        guard let text, (1...300).contains(text.unicodeScalars.count), StoredText.accepts(text) else {
            throw ImportRefusal("\(field) must be 1 to 300 characters")
        }
        return text
    }

    /// As a connection. Without an end, an access token that can be renewed is taken to be over.
    func new(now: Date) -> Connections.New {
        let left = expiresAt.map { Int(min(max($0.timeIntervalSince(now), 0), 1e9)) }
        return Connections.New(
            tenant: tenant, provider: provider, host: host, accountID: accountID, accountName: accountName,
            connectedBy: connectedBy,
            tokens: TokenSet(
                accessToken: accessToken, refreshToken: refreshToken,
                expiresInSeconds: left ?? (refreshToken == nil ? nil : 0), refreshExpiresInSeconds: nil,
                scopes: scopes))
    }
}

extension ConnectionLine {
    /// Whatever can be read of it: what is of another type is as good as missing, but for the end.
    private struct Fields: Decodable {
        let tenant, provider, host, accountID, accountName, connectedBy, accessToken, refreshToken: String?
        let scopes: Scopes?
        let expiresAt: End?

        private enum CodingKeys: String, CodingKey {
            case tenant, provider, host, scopes
            case accountID = "account_id"
            case accountName = "account_name"
            case connectedBy = "connected_by"
            case accessToken = "access_token"
            case refreshToken = "refresh_token"
            case expiresAt = "expires_at"
        }
    }

    private struct Scopes: Decodable {
        let names: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            names =
                try (try? container.decode([String].self))
                ?? container.decode(String.self).split(separator: " ").map(String.init)
        }
    }

    private struct End: Decodable {
        /// `nil`: it cannot be read.
        let date: Date?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let seconds = try? container.decode(Double.self) {
                date = (0...1e11).contains(seconds) ? Date(timeIntervalSince1970: seconds) : nil
            } else {
                date = RFC3339.date(try container.decode(String.self))
            }
        }
    }
}
